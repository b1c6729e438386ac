import { type Problem, ValidationError } from '../errors.ts'
import { compileParameter } from './compile-parameter.ts'
import { CREDENTIAL_NAMES } from '../protocol/credential-names.ts'
import type { PreparedRequest } from './prepared-request.ts'

/**
 * The same request with further query parameters, which no document needs to know.
 * @throws {ValidationError} for values that cannot stand in an address.
 */
export function withExtraQuery<Result>(
  request: PreparedRequest<Result>,
  extraQuery: Readonly<Record<string, string | readonly string[]>> | undefined,
): PreparedRequest<Result> {
  if (extraQuery === undefined) return request
  const problems: Problem[] = []
  let query = ''
  let ownCredential = false
  for (const [name, value] of Object.entries(extraQuery)) {
    const parameter = compileParameter(name, {})
    for (const item of Array.isArray(value) ? value : [value]) {
      if (item === undefined || item === null) continue
      query += `&${parameter.write(item, false, problems)}`
      ownCredential ||= CREDENTIAL_NAMES.includes(name)
    }
  }
  if (problems.length > 0) {
    throw new ValidationError(
      request.id,
      problems.map((problem) => ({ ...problem, path: `extraQuery.${problem.path}` })),
    )
  }
  if (query === '') return request
  const url = request.url + (request.url.includes('?') ? query : `?${query.slice(1)}`)
  const { resumable } = request.upload ?? {}
  return {
    ...request,
    url,
    ...(resumable !== undefined && { upload: { ...request.upload, resumable: resumable + query } }),
    ...(ownCredential && { ownCredential }),
  }
}
