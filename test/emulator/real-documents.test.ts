import * as fc from 'fast-check'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createClient } from 'discokit'
import type { JsonSchema, RestDescription, RestMethod, RestParameter } from '../../src/discovery/document.ts'
import { checkFieldMask } from '../../src/emulator/check-field-mask.ts'
import { checkJson } from '../../src/emulator/check-json.ts'
import { parseFieldMask } from '../../src/emulator/field-mask.ts'
import { createEmulator, type Emulator } from '../../src/emulator/index.ts'
import { methodsOf } from '../../src/emulator/methods-of.ts'
import { createRouter, type Router } from '../../src/emulator/router.ts'
import { hostOf } from '../../src/emulator/served-documents.ts'
import { encodeMultiSegment, encodePathSegment, pathValueProblem } from '../../src/protocol/path-template.ts'
import { documentNames, needDocuments, readDocument } from '../documents/documents.ts'
import { say } from './speak.ts'

const documents = documentNames.map(readDocument)
const everyMethod = documents.flatMap((document) =>
  methodsOf(document).map((method) => ({
    document,
    method,
    name: `${document.name}:${document.version} ${method.id}`,
  })),
)

describe('with every document of Google that is here', { timeout: 60_000 }, () => {
  beforeEach(needDocuments)

  describe('the router', () => {
    let router: Router
    beforeAll(() => {
      router = createRouter(documents)
    })

    test('finds the very method at every address that it may have', () => {
      const wrong: string[] = []
      for (const { document, method, name } of everyMethod) {
        for (const path of pathsOf(document, method)) {
          const host = hostOf(document)
          const inPath = router.match(method.httpMethod, 'localhost', `/${host}${path}`)
          const byHost = router.match(method.httpMethod, host, path)
          for (const found of [byHost, inPath]) {
            const isRight = found?.document === document && found.method === method
            if (!isRight) {
              wrong.push(`${name} at ${method.httpMethod} ${path}: ${found?.method.id}`)
            }
          }
        }
      }
      expect(wrong).toEqual([])
      expect(everyMethod.length).toBeGreaterThan(1000)
    })

    test('finds uploads and downloads', () => {
      let doors = 0
      for (const { document, method, name } of everyMethod) {
        const [path = ''] = pathsOf(document, method)
        const rest = path.slice(new URL(document.rootUrl).pathname.length)
        const find = (prefix: string): unknown[] => {
          const found = router.match(method.httpMethod, hostOf(document), `${prefix}${rest}`)
          return [name, found?.method.id, found?.door]
        }
        if (method.supportsMediaDownload) {
          expect(find('/download/')).toEqual([name, method.id, 'download'])
          doors++
        }
        const { simple, resumable } = method.mediaUpload?.protocols ?? {}
        if (simple) expect(find('/upload/')).toEqual([name, method.id, 'upload'])
        if (resumable) expect(find('/resumable/upload/')).toEqual([name, method.id, 'upload'])
        if (simple) doors++
      }
      expect(doors).toBeGreaterThan(20)
    })
  })

  test('a body of the form that a schema describes is right, and one with a list for an object is not', () => {
    let checked = 0
    for (const { document, method, name } of everyMethod) {
      const schema = document.schemas?.[method.request?.$ref ?? '']
      if (schema?.type !== 'object' || !schema.properties) continue
      const body = sampleJson(schema, document, 3) as Record<string, unknown>
      expect([name, checkJson(body, document, method, true)]).toEqual([name, []])
      const part = Object.keys(schema.properties).find((each) => {
        const { $ref = '', type } = schema.properties![each]!
        return (document.schemas![$ref]?.type ?? type) === 'object'
      })
      if (part === undefined) continue
      const [violation] = checkJson({ [part]: [] }, document, method, true)
      expect([name, violation?.field]).toEqual([name, part])
      checked++
    }
    expect(checked).toBeGreaterThan(500)
  })

  test('every part of an answer can be chosen with fields, and nothing else can', () => {
    let checked = 0
    for (const { document, method } of everyMethod) {
      const schema = document.schemas?.[method.response?.$ref ?? '']
      if (schema?.type !== 'object' || !schema.properties || document.features) continue
      const choose = (fields: string): void => checkFieldMask(parseFieldMask(fields), document, method)
      for (const fields of ['*', ...Object.keys(schema.properties)]) choose(fields)
      expect(() => choose('noSuchPart')).toThrow('Invalid field selection noSuchPart')
      checked++
    }
    expect(checked).toBeGreaterThan(1000)
  })

  describe('the emulator', () => {
    let emulator: Emulator
    beforeAll(async () => {
      emulator = await createEmulator({ documents })
    })
    afterAll(() => emulator.close())

    test('lists all of them, and gives each one out', async () => {
      const { json } = await say(emulator, 'GET /discovery/v1/apis')
      const ids = json.items.map((item: { id: string }) => item.id)
      expect(ids).toEqual(expect.arrayContaining(documents.map(({ id }) => id)))
      await using google = createClient({ ...emulator.connect() })
      for (const { name, version } of documents) {
        expect((await google.discover(`${name}:${version}`)).$id).toBe(`${name}:${version}`)
      }
    })

    test('answers 404, 401 and 501 as far as a call comes', async () => {
      const authorization = `Bearer ${emulator.accessToken()}`
      const path = '/pubsub.googleapis.com/v1/projects/p/topics/t'
      expect((await say(emulator, `GET ${path}/none/at/all`)).status).toBe(404)
      expect((await say(emulator, `GET ${path}`)).status).toBe(401)
      const told = await say(emulator, `GET ${path}`, { headers: { authorization } })
      expect(told.json.error).toMatchObject({
        code: 501,
        status: 'UNIMPLEMENTED',
        message: expect.stringContaining('pubsub.projects.topics.get'),
      })
      const bad = await say(emulator, `PUT ${path}`, { headers: { authorization }, body: { name: 5 } })
      expect([bad.status, bad.json.error.message]).toEqual([400, "Invalid value at 'name' (TYPE_STRING), 5"])
    })

    test('leads the calls of a discovered API to that API, whatever another one has there', async () => {
      const auth = {
        kind: 'token',
        headers: async () => ({ authorization: `Bearer ${emulator.accessToken()}` }),
      }
      await using google = createClient({ ...emulator.connect(), auth, retry: false, validate: false })
      const before = emulator.journal.exchanges.length
      const called: string[] = []
      for (const { document, method } of everyMethod) {
        // One method of each API, which needs nothing but its path.
        const parameters = Object.entries(method.parameters ?? {}).filter(([, { required }]) => required)
        if (called.some((id) => id.startsWith(`${document.name} ${document.version} `))) continue
        if (method.httpMethod !== 'GET' || parameters.some(([, { location }]) => location !== 'path'))
          continue
        const { id: _, ...rest } = document
        const api = await google.discover(`${rest.name}:${rest.version}`)
        const callable = findMethod(api, document, method)
        await callable(
          Object.fromEntries(parameters.map(([name, given]) => [name, sampleValue(method, name, given)])),
        ).catch(() => {})
        called.push(`${document.name} ${document.version} ${method.id}`)
      }
      const ids = emulator.journal.exchanges
        .slice(before)
        .map(({ methodId }) => methodId)
        .filter((id) => !id?.startsWith('discovery.apis.'))
      const expected = called
        .map((each) => each.split(' ')[2])
        .filter((id) => !id?.startsWith('discovery.apis.'))
      expect(ids).toEqual(expected)
      expect(ids.length).toBeGreaterThan(30)
    })
  })
})

/** A value that a schema describes, with everything down to a depth. */
function sampleJson(given: JsonSchema, document: RestDescription, depth: number): unknown {
  const schema = given.$ref === undefined ? given : document.schemas?.[given.$ref]
  if (!schema || depth === 0) return null
  const { type, format, enum: names, properties = {}, additionalProperties, items } = schema
  if (type === 'array') return [sampleJson(items ?? {}, document, depth - 1)]
  if (type === 'object') {
    const members = { ...properties, ...(additionalProperties && { 'any name': additionalProperties }) }
    return mapValues(members, (member) => sampleJson(member, document, depth - 1))
  }
  if (type === 'boolean') return true
  if (type === 'number') return 0.5
  if (type === 'integer') return 7
  return names?.[0] ?? TEXTS[format ?? ''] ?? 'text'
}

const TEXTS: Readonly<Record<string, string>> = {
  int64: '9007199254740993',
  uint64: '18446744073709551615',
  byte: 'aGk=',
  date: '2026-01-02',
  'date-time': '2026-01-02T03:04:05.678+01:00',
  'google-datetime': '2026-01-02T03:04:05Z',
  'google-duration': '3.5s',
}

function mapValues<A, B>(members: Readonly<Record<string, A>>, change: (value: A) => B): Record<string, B> {
  return Object.fromEntries(Object.entries(members).map(([name, value]) => [name, change(value)]))
}

/** Addresses that a method may have: a plain one, and some with values that its patterns allow. */
function pathsOf(document: RestDescription, method: RestMethod): string[] {
  const base = new URL(document.rootUrl).pathname + document.servicePath
  return [0, 1, 2, 3].map(
    (turn) =>
      base +
      method.path.replace(/\{(\+?)([^{}]+)\}/g, (_, plus: string, name: string) => {
        const value = sampleValues(method.parameters?.[name] ?? {}, plus !== '')[turn]!
        return plus ? encodeMultiSegment(value) : encodePathSegment(value)
      }),
  )
}

function sampleValue(method: RestMethod, name: string, parameter: RestParameter): string | number {
  const value = sampleValues(parameter, method.path.includes(`{+${name}}`))[0]!
  return parameter.type === 'integer' ? Number(value) : value
}

const samples = new Map<string, readonly string[]>()

/** Four values that a path parameter may have, the same ones every time. */
function sampleValues({ pattern, type, enum: names }: RestParameter, multi: boolean): readonly string[] {
  if (type === 'integer') return ['7', '0', '12', '4000']
  if (names) return [0, 1, 2, 3].map((i) => names[i % names.length]!)
  const key = `${multi} ${pattern}`
  let values = samples.get(key)
  if (!values) samples.set(key, (values = makeValues(pattern, multi)))
  return values
}

function makeValues(pattern: string | undefined, multi: boolean): readonly string[] {
  if (pattern === undefined) return multi ? ['a/b', 'a', 'a/b c/d', 'a:b/c'] : ['a', 'a b', 'a/b:c', '@$%']
  const whole = new RegExp(`^(?:${pattern})$`)
  const filled = ['v', 'a-1', 'b c:get', '@$%'].map((word) =>
    pattern.replace(/^\^|\$$/g, '').replace(/\[\^\/\]\+|\.\*/g, word),
  )
  if (filled.every((value) => whole.test(value))) return filled
  const usable = fc
    .stringMatching(whole)
    .filter((value) => whole.test(value) && pathValueProblem(value, multi) === undefined)
  return fc.sample(usable, { numRuns: 4, seed: 7 })
}

/** The function of an API object for a method of its document. */
function findMethod(
  api: any,
  node: Pick<RestDescription, 'methods' | 'resources'>,
  method: RestMethod,
): (parameters: object) => Promise<unknown> {
  for (const [name, each] of Object.entries(node.methods ?? {})) if (each === method) return api[name]
  for (const [name, resource] of Object.entries(node.resources ?? {})) {
    if (methodsOf(resource).includes(method)) return findMethod(api[name], resource, method)
  }
  throw new Error(`${method.id} is not in its document`)
}
