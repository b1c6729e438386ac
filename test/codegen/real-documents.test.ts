import { mkdtemp, readFile, rm } from 'node:fs/promises'
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
import { compile, compilers, unhidden, wrongLines, writeProgram } from './compilers.ts'
import { readTable } from './read-table.ts'
import { takenByRequests } from './taken-by-requests.ts'

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'discokit-generated-'))
})
afterAll(() => rm(folder, { recursive: true }))
beforeEach(needDocuments)

/** What declarations leave to the client. */
const THE_CLIENTS =
  '$.xgafv access_token alt bearer_token callback key oauth_token pp uploadType upload_protocol'.split(' ')

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
      const given = { ...parameters, ...(body !== undefined && { body }) }
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
            ([each]) => placed.method.parameters?.[each] || !THE_CLIENTS.includes(each),
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
    files['uses.ts'] = await readFile('test/types/real/uses.ts', 'utf8')
    const wrong = wrongLines(files['uses.ts'])
    await writeProgram(folder, files)
    for (const { title, folder: compiler } of compilers) {
      const found = await compile(folder, compiler)
      const uses = found.filter(({ file }) => file === 'uses.ts')
      const lines = uses.map(({ line }) => line)
      const others = found
        .filter(({ file, line }) => file !== 'uses.ts' || !wrong.includes(line))
        .slice(0, 20)
      expect({ title, lines, others }).toEqual({ title, lines: wrong, others: [] })
    }
  })
})
