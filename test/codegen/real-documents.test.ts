import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient, type ApiTable, type PreparedRequest } from 'discokit'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { generateApi } from '../../src/codegen/generate-api.ts'
import { argumentsFor } from '../documents/arguments.ts'
import {
  documentNames,
  memberAt,
  methodsOf,
  needDocuments,
  readDocument,
  sizeOf,
} from '../documents/documents.ts'
import { compile, compilers, unhidden, writeProgram } from './compilers.ts'
import { readTable } from './read-table.ts'
import { takenByRequests } from './taken-by-requests.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'discokit-generated-'))
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(needDocuments)

/** What the table leaves to the client. */
const LEFT_OUT = ['access_token', 'bearer_token', 'callback', 'key', 'oauth_token', 'pp', 'uploadType']
const isLeftOut = (name: string, document: ReturnType<typeof readDocument>): boolean =>
  document.parameters?.[name] !== undefined &&
  (LEFT_OUT.includes(name) || name === '$.xgafv' || name === 'upload_protocol')

describe('the file for each real document', () => {
  test.each(documentNames)('%s is not larger than the document, and makes the same requests', (name) => {
    const document = readDocument(name)
    const { text, methods } = generateApi(document)
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(sizeOf(name))
    expect(methods).toBe(methodsOf(document).length)

    const google = createClient({ validate: false })
    const fromDocument: object = google.api(document)
    const fromTable = google.api<object>(readTable(text) as ApiTable)
    for (const placed of methodsOf(document)) {
      const { parameters, body } = argumentsFor(document, placed, 'all')
      const own = Object.entries(parameters).filter(
        ([each]) => placed.method.parameters?.[each] || !isLeftOut(each, document),
      )
      const given = { ...Object.fromEntries(own), ...(body !== undefined && { body }) }
      const prepare = (api: object): PreparedRequest =>
        (memberAt(api, placed.path) as { prepare(given: object): PreparedRequest }).prepare(given)
      expect(prepare(fromTable)).toEqual(prepare(fromDocument))
    }
  })

  test('compiles, and takes valid arguments of every method', { timeout: 120_000 }, async () => {
    const files: Record<string, string> = {}
    for (const name of documentNames) {
      const document = readDocument(name)
      const { text, fileName, valueName } = generateApi(document, { augment: true })
      files[fileName] = unhidden(text)
      const calls = methodsOf(document)
        .filter(({ path }) => !path.includes('then'))
        .map((placed) => {
          const { parameters, body } = argumentsFor(document, placed, 'all')
          const own = Object.entries(parameters).filter(
            ([each]) => placed.method.parameters?.[each] || !isLeftOut(each, document),
          )
          const taken = body === undefined ? {} : { body: takenByRequests(document, placed.method, body) }
          const method = placed.path.map((each) => `[${JSON.stringify(each)}]`).join('')
          return `  void api${method}.prepare(${JSON.stringify({ ...Object.fromEntries(own), ...taken })})\n`
        })
      files[`calls.${fileName}`] =
        `import { createClient } from 'discokit'\n` +
        `import ${valueName} from './${fileName.replace(/ts$/, 'js')}'\n` +
        `const api = createClient().api(${valueName})\n` +
        `export function calls(): void {\n${calls.join('')}}\n`
    }
    await writeProgram(folder, files)
    for (const { title, folder: compiler } of compilers)
      expect({ title, found: (await compile(folder, compiler)).slice(0, 20) }).toEqual({ title, found: [] })
  })
})
