import { createClient, type PreparedRequest } from 'discokit'
import { anonymous } from 'discokit/auth'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Arguments, argumentsFor, type Extent } from '../documents/arguments.ts'
import { documentsPresent, memberAt, methodsOf, readDocument } from '../documents/documents.ts'
import { clients } from './clients.ts'
import { type Difference, differences } from './compare.ts'
import { type IntendedDifference, intendedDifferences } from './intended-differences.ts'
import { type Recorder, startRecorder } from './recorder.ts'

/** A method of one of Google's clients. */
type TheirMethod = (parameters: object, options: object) => Promise<unknown>

/** A method of ours, as far as it is used here. */
interface OurMethod {
  prepare(parameters: object): PreparedRequest
}

describe.skipIf(!documentsPresent)("the requests of Google's own clients for Node", () => {
  const names = Object.keys(clients)
  const compared = new Map<string, number>()
  const occurred = new Set<string>()
  let uploads = 0
  let onlyOurs = 0
  let onlyTheirs = 0
  let recorder: Recorder

  beforeAll(async () => {
    recorder = await startRecorder()
  })
  afterAll(async () => {
    await recorder.close()
  })

  test.each(names)('%s: ours are the same but for what is listed', { timeout: 120_000 }, async (name) => {
    const document = readDocument(name)
    const their = clients[name]!({ rootUrl: `${recorder.origin}/` })
    const google = createClient({ endpoint: recorder.origin, auth: anonymous() })
    const our = google.api(document)
    const methods = methodsOf(document)
    const unexplained: string[] = []
    let count = 0
    for (const placed of methods) {
      const { path } = placed
      const call = methodAt(their, path)
      if (call === undefined) {
        onlyOurs++
        continue
      }
      const explain = (found: readonly Difference[], how: string): void => {
        for (const difference of found) {
          const line = lineFor(difference, placed.method.id)
          if (line !== undefined) occurred.add(line)
          else unexplained.push(`${placed.method.id} ${how}: ${difference.part}: ${difference.what}`)
        }
      }
      const exchange = async (given: Arguments, media: boolean): Promise<Difference[]> => {
        const { parameters, body } = given
        const theirs = await recorder.record(() =>
          call(
            {
              ...parameters,
              ...(body !== undefined && { requestBody: body }),
              ...(media && { media: { body: CONTENT, mimeType: 'text/plain' } }),
            },
            // Uploads look only here for another host.
            { rootUrl: `${recorder.origin}/`, retry: false },
          ),
        )
        const prepared = (memberAt(our, path) as OurMethod).prepare({
          ...parameters,
          ...(body !== undefined && { body }),
          ...(media && { media: { content: CONTENT, contentType: 'text/plain' } }),
        })
        const ours = await recorder.record(() => google.send(prepared))
        if (ours.method === prepared.method) expect(recorder.origin + ours.target).toBe(prepared.url)
        return differences(theirs, ours)
      }
      for (const extent of ['required', 'all'] as const satisfies Extent[]) {
        explain(await exchange(argumentsFor(document, placed, extent), false), `with ${extent} parameters`)
      }
      if (placed.method.mediaUpload?.protocols?.simple) {
        uploads++
        const { parameters } = argumentsFor(document, placed, 'required')
        const found = await exchange({ parameters, ...(placed.method.request && { body: {} }) }, true)
        // The two frame the parts of an upload each in their own way.
        explain(found.filter(isAddress), 'with media')
      }
      count++
    }
    const known = new Set(methods.map(({ path }) => path.join('.')))
    onlyTheirs += methodPaths(their).filter((path) => !known.has(path)).length
    await google.close()
    compared.set(name, count)
    expect(unexplained).toEqual([])
  })

  test('are those of at least 300 methods of 10 APIs', () => {
    const total = [...compared.values()].reduce((sum, count) => sum + count, 0)
    console.log(
      `${total} methods of ${compared.size} APIs compared, ${uploads} of them with media too; only in our documents ${onlyOurs}, only in their clients ${onlyTheirs}`,
    )
    expect(total).toBeGreaterThanOrEqual(300)
    expect(compared.size).toBeGreaterThanOrEqual(10)
  })

  test('differ in each listed way', () => {
    const idle = intendedDifferences.flatMap(linesOf).filter((line) => !occurred.has(line))
    expect(idle).toEqual([])
  })
})

const CONTENT = 'the content of a file'

function isAddress({ part }: Difference): boolean {
  return part === 'method' || part === 'path' || part === 'query'
}

/** The line of the list that allows a difference. */
function lineFor({ part, what }: Difference, id: string): string | undefined {
  return intendedDifferences
    .filter(({ methods }) => methods === undefined || methods.includes(id))
    .flatMap(linesOf)
    .find((line) => line === `${part}: ${what}`)
}

function linesOf({ part, what, characters }: IntendedDifference): string[] {
  return characters === undefined
    ? [`${part}: ${what}`]
    : Array.from(characters, (character) => `${part}: ${what.replace('?', character)}`)
}

function methodAt(client: object, path: readonly string[]): TheirMethod | undefined {
  let node: unknown = client
  for (const name of path.slice(0, -1)) node = (node as Record<string, unknown> | undefined)?.[name]
  const method = (node as Record<string, unknown> | undefined)?.[path.at(-1)!]
  return typeof method === 'function'
    ? (parameters, options) => method.call(node, parameters, options) as Promise<unknown>
    : undefined
}

/** The dotted paths of the methods of one of Google's clients. */
function methodPaths(node: object, prefix = ''): string[] {
  const own = Object.getOwnPropertyNames(Object.getPrototypeOf(node)).filter(
    (name) => name !== 'constructor' && typeof (node as Record<string, unknown>)[name] === 'function',
  )
  const below = Object.entries(node).filter(
    ([name, child]) => name !== 'context' && typeof child === 'object' && child !== null,
  )
  return [
    ...(Object.getPrototypeOf(node) === Object.prototype ? [] : own.map((name) => prefix + name)),
    ...below.flatMap(([name, child]) => methodPaths(child as object, `${prefix}${name}.`)),
  ]
}
