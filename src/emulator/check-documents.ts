import type { RestDescription } from '../discovery/document.ts'
import { type Problem, ValidationError } from '../errors.ts'
import { methodsOf } from './methods-of.ts'

/**
 * Refuses documents that lack what serving them needs.
 * @throws {ValidationError} naming the first thing that each of them lacks.
 */
export function checkDocuments(documents: readonly RestDescription[]): void {
  if (!Array.isArray(documents)) {
    const problem = { path: 'documents', message: 'must be a list of discovery documents' }
    throw new ValidationError('the emulator cannot serve this', [problem])
  }
  const problems = documents.flatMap((document, i): Problem[] => {
    const message = problemOf(document)
    return message === undefined ? [] : [{ path: `documents[${i}]`, message }]
  })
  if (problems.length > 0) throw new ValidationError('the emulator cannot serve this', problems)
}

function problemOf(document: RestDescription): string | undefined {
  if (typeof document !== 'object' || document === null) return 'is not a discovery document'
  const texts = ['name', 'version', 'rootUrl', 'servicePath'] as const
  const missing = texts.find((name) => typeof document[name] !== 'string')
  if (missing) return `is not a discovery document: it lacks ${missing}`
  if (!/^https?:\/\//.test(document.rootUrl) || !URL.canParse(document.rootUrl)) {
    return `has the rootUrl '${document.rootUrl}', which is not an http(s) address`
  }
  const method = methodsOf(document).find(
    ({ id, path, httpMethod }) => ![id, path, httpMethod].every((text) => typeof text === 'string'),
  )
  return method && `has a method without id, path or httpMethod (${method.id ?? method.path})`
}
