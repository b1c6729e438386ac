import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { JsonSchema, RestDescription, RestMethod } from '../../../src/discovery/document.ts'
import { createEmulator, type Emulator } from '../../../src/emulator/index.ts'
import { methodsOf } from '../../../src/emulator/methods-of.ts'
import { services } from '../../../src/emulator/services/index.ts'
import { starterDocuments } from '../../../src/emulator/starter-documents.ts'

const documents = await starterDocuments()

/** One call, before the ids that calls before it gave are put in. */
interface Draft {
  readonly method: RestMethod
  readonly parameters: Readonly<Record<string, string>>
  readonly body: unknown
  readonly upload: boolean
}

describe.each(services.map((service) => [service.api, service] as const))('%s', (api, service) => {
  const document = documents.find(({ name, version }) => `${name}:${version}` === api)!
  const methods = methodsOf(document).filter(({ id }) => Object.hasOwn(service.handlers, id))
  const call = fc.constantFrom(...methods).chain((method) => draftOf(document, method))

  test('answers whatever it is sent, and never fails', async () => {
    await using emulator = await createEmulator()
    const token = emulator.accessToken()
    const sequence = fc.array(call, { minLength: 1, maxLength: 25 })
    await fc.assert(
      fc.asyncProperty(sequence, async (drafts) => {
        emulator.reset()
        const known: string[] = []
        for (const draft of drafts) {
          const { status, text } = await send(emulator, document, token, draft, known)
          expect([status < 500 || status === 501, text]).toEqual([true, text])
          const given = text.matchAll(/"(?:id|resourceName|etag|nextPageToken|nextSyncToken)":"([^"]+)"/g)
          known.push(...Array.from(given, ([, id]) => id!))
        }
      }),
      { numRuns: 100 },
    )
  }, 30_000)
})

function draftOf(document: RestDescription, method: RestMethod): fc.Arbitrary<Draft> {
  const parameters = Object.entries(method.parameters ?? {}).map(([name, parameter]) => [
    name,
    parameter.required || /^part$|mask$|fields$/i.test(name)
      ? parameterOf(name, parameter)
      : fc.option(parameterOf(name, parameter), { nil: undefined, freq: 3 }),
  ])
  return fc.record({
    method: fc.constant(method),
    parameters: fc
      .record(Object.fromEntries(parameters) as Record<string, fc.Arbitrary<string | undefined>>)
      .map((each) =>
        Object.fromEntries(Object.entries(each).filter(([, value]) => value !== undefined)),
      ) as fc.Arbitrary<Record<string, string>>,
    body: method.request ? valueOf(document, { $ref: method.request.$ref! }, 0) : fc.constant(undefined),
    upload: fc.constant(method.supportsMediaUpload === true),
  })
}

/** `known` stands for an id or token that an earlier call gave. */
function parameterOf(name: string, parameter: JsonSchema): fc.Arbitrary<string> {
  if (parameter.enum) return fc.constantFrom(...parameter.enum)
  if (name === 'part') return fc.constant('snippet,status')
  if (/mask$|fields$/i.test(name)) return fc.constantFrom('names,emailAddresses', 'names')
  if (parameter.type === 'integer') return fc.constantFrom('1', '5')
  if (parameter.type === 'boolean') return fc.constantFrom('true', 'false')
  if (/time|published/i.test(name)) return fc.constantFrom('2026-01-02T03:04:05Z', 'soon')
  if (/id$|token$|resourceName|parents$|shortUrl/i.test(name)) {
    return fc.constantFrom('known', 'known', 'known', 'primary', 'root', 'people/me', 'x')
  }
  return fc.constantFrom('x', 'known', "name = 'x'", 'a b', 'de', '')
}

function valueOf(document: RestDescription, schema: JsonSchema, depth: number): fc.Arbitrary<unknown> {
  const usual = wellFormed(document, schema, depth)
  return fc.oneof({ weight: 25, arbitrary: usual }, { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 2 }) })
}

function wellFormed(document: RestDescription, schema: JsonSchema, depth: number): fc.Arbitrary<unknown> {
  if (schema.$ref) return wellFormed(document, document.schemas![schema.$ref]!, depth)
  if (depth > 3) return fc.constant(null)
  if (schema.type === 'object') {
    const members = Object.entries(schema.properties ?? {}).filter(([name]) => depth > 0 || name !== 'id')
    const values = members.map(([name, each]) => [name, valueOf(document, each, depth + 1)])
    return fc.record(Object.fromEntries(values) as Record<string, fc.Arbitrary<unknown>>, {
      requiredKeys: [],
    })
  }
  if (schema.type === 'array')
    return fc.array(valueOf(document, schema.items ?? {}, depth + 1), { maxLength: 2 })
  if (schema.type === 'boolean') return fc.boolean()
  if (schema.type === 'integer' || schema.type === 'number') return fc.nat(9)
  if (schema.format === 'date-time') return fc.constant('2026-01-02T03:04:05Z')
  if (schema.format === 'date') return fc.constant('2026-01-02')
  return fc.constantFrom(
    'known',
    'user',
    'reader',
    'ann@example.com',
    'public',
    'de',
    'https://example.com/',
    '',
  )
}

async function send(
  emulator: Emulator,
  document: RestDescription,
  token: string,
  { method, parameters, body, upload }: Draft,
  known: readonly string[],
): Promise<{ status: number; text: string }> {
  const filledIn = (text: string): string => (text === 'known' ? (known.at(-1) ?? 'x') : text)
  const query = new URLSearchParams()
  let path = upload ? method.mediaUpload!.protocols!.simple!.path : `/${document.servicePath}${method.path}`
  for (const [name, value] of Object.entries(parameters)) {
    const given = filledIn(value)
    if (method.parameters![name]!.location === 'query') query.append(name, given)
    else
      path = path.replace(`{${name}}`, encodeURIComponent(given || 'x')).replace(`{+${name}}`, given || 'x')
  }
  if (upload) query.set('uploadType', 'multipart')
  const json = JSON.stringify(body, (_, value: unknown) => (value === 'known' ? filledIn('known') : value))
  const parts = `--b\r\ncontent-type: application/json\r\n\r\n${json}\r\n--b\r\n\r\nbytes\r\n--b--\r\n`
  const response = await emulator.handle({
    method: method.httpMethod,
    url: `${emulator.url}/${new URL(document.rootUrl).hostname}${path}?${query}`,
    headers: {
      authorization: `Bearer ${token}`,
      'content-type': upload ? 'multipart/related; boundary=b' : 'application/json',
    },
    ...(body !== undefined && { body: upload ? parts : json }),
  })
  return { status: response.status, text: await response.body.text() }
}
