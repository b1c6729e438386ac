import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'discokit'
import ts from 'typescript-5'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateApi } from '../../src/codegen/generate-api.ts'
import { compile, compilers, unhidden, writeProgram } from './compilers.ts'
import { hostileDocument, registeringDocument } from './hostile-document.ts'
import { readTable } from './read-table.ts'
import { stripTypes } from './strip-types.ts'

const documents = {
  'whose names are hostile too': hostileDocument,
  'that registers itself': registeringDocument,
}
let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'discokit-hostile-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe.each(Object.entries(documents))('a hostile document %s', (title, document) => {
  const { text, fileName } = generateApi(document, { augment: true })

  test('gets a file name that leads nowhere', () => {
    expect(fileName).toMatch(/^\w[\w.-]*\.ts$/)
    expect(fileName).not.toContain('..')
  })

  test('declares interfaces, types, and one value of plain texts', () => {
    const file = ts.createSourceFile('hostile.ts', text, ts.ScriptTarget.ES2022, true)
    const kinds = file.statements.map((statement) => ts.SyntaxKind[statement.kind])
    expect(new Set(kinds)).toEqual(
      new Set([
        'ImportDeclaration',
        'InterfaceDeclaration',
        'TypeAliasDeclaration',
        'ModuleDeclaration',
        'FirstStatement', // the value
        'ExportAssignment',
      ]),
    )
    const once = ['ImportDeclaration', 'ModuleDeclaration', 'FirstStatement', 'ExportAssignment']
    for (const kind of once) expect(kinds.filter((each) => each === kind)).toHaveLength(1)
    const imported = file.statements.find(ts.isImportDeclaration)!
    expect(imported.importClause?.isTypeOnly).toBe(true)
    expect((imported.moduleSpecifier as ts.StringLiteral).text).toBe('discokit')
    const value = file.statements.find(ts.isVariableStatement)!
    expect(notPlain(value.declarationList.declarations[0]!.initializer!)).toEqual([])
    const names = file.statements.filter(ts.isInterfaceDeclaration).map(({ name }) => name.text)
    expect(names).not.toContain('Escaped')
    for (const unseen of ['\u2028', '\u2029', '\u202e', '\u0000', '\u001b'])
      expect(text).not.toContain(unseen)
  })

  test('compiles', async () => {
    const here = join(folder, title.replace(/\W/g, '-'))
    await writeProgram(here, { [fileName]: unhidden(text) })
    for (const { title: compiler, folder: name } of compilers)
      expect({ compiler, found: await compile(here, name) }).toEqual({ compiler, found: [] })
  })

  test('runs nothing when it is imported, nor when it is used', async () => {
    const file = join(folder, `${title.replace(/\W/g, '-')}.mjs`)
    await writeFile(file, stripTypes(text))
    const { default: table } = (await import(file)) as { default: object }
    expect(table).toEqual(readTable(text))
    const api = createClient().api<
      Record<string, { $methods: readonly string[]; $resources: readonly string[] }>
    >(table as never)
    for (const name of Object.keys(api)) void [api[name]!.$methods, api[name]!.$resources]
    expect(Object.hasOwn(api, '__proto__')).toBe(true)
    expect(Object.hasOwn(globalThis, 'escaped')).toBe(false)
    expect(Object.hasOwn(Object.prototype, 'methods')).toBe(false)
  })
})

describe('a document that would be written without end', () => {
  const document = (schemas: object): object => ({
    name: 'big',
    version: 'v1',
    rootUrl: 'https://big.googleapis.com/',
    servicePath: '',
    schemas,
    methods: {
      add: {
        id: 'big.add',
        path: 'x',
        httpMethod: 'POST',
        request: { $ref: 'S0' },
        response: { $ref: 'S0' },
      },
    },
  })

  test('for its objects stand twice in each other', () => {
    let level: object = { type: 'string' }
    for (let i = 0; i < 40; i++)
      level = { type: 'object', properties: { [`a${i}`]: level, b: { type: 'string', readOnly: true } } }
    const { text } = generateApi(document({ S0: { type: 'object', properties: { one: level, two: level } } }))
    expect(text.length).toBeLessThan(100_000)
  })

  test('for all that a method demands leads to all else', () => {
    const names = Array.from({ length: 40 }, (_, i) => `S${i}`)
    const properties = Object.fromEntries(
      names.map((name) => [name, { $ref: name, annotations: { required: ['big.add'] } }]),
    )
    const { text } = generateApi(
      document(Object.fromEntries(names.map((name) => [name, { type: 'object', properties }]))),
    )
    expect(text.length).toBeLessThan(1_500_000)
  })
})

/** What in an object is neither an object nor a text. */
function notPlain(node: ts.Expression): string[] {
  if (ts.isStringLiteral(node)) return []
  if (!ts.isObjectLiteralExpression(node)) return [ts.SyntaxKind[node.kind]]
  return node.properties.flatMap((property) =>
    ts.isPropertyAssignment(property) ? notPlain(property.initializer) : [ts.SyntaxKind[property.kind]],
  )
}
