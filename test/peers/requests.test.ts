import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Arguments, argumentsFor, type Extent } from '../documents/arguments.ts'
import { methodsOf, needDocuments, type PlacedMethod, readDocument } from '../documents/documents.ts'
import { say } from '../documents/say.ts'
import { clients } from './clients.ts'
import type { Difference } from './compare.ts'
import { type IntendedDifference, intendedDifferences } from './intended-differences.ts'
import { openPair } from './pair.ts'
import { type Recorder, startRecorder } from './recorder.ts'

describe("the requests of Google's own clients for Node", () => {
  beforeEach(needDocuments)

  const names = Object.keys(clients)
  const counts = { apis: 0, methods: 0, uploads: 0, onlyOurs: 0, onlyTheirs: 0 }
  /** The lines of the list that were needed. */
  const occurred = new Set<string>()
  let recorder: Recorder

  beforeAll(async () => {
    recorder = await startRecorder()
  })
  afterAll(async () => {
    await recorder.close()
  })

  /** What of these differences no line of the list allows. */
  function unlisted(found: readonly Difference[], { method }: PlacedMethod, how: string): string[] {
    return found.flatMap((difference) => {
      const line = lineFor(difference, method.id)
      if (line === undefined) return `${method.id} ${how}: ${difference.part}: ${difference.what}`
      occurred.add(line)
      return []
    })
  }

  test.each(names)('%s: ours are the same but for what is listed', { timeout: 120_000 }, async (name) => {
    const document = readDocument(name)
    const pair = openPair(name, document, recorder)
    const placed = methodsOf(document)
    const both = placed.filter(({ path }) => pair.theirMethods.has(path.join('.')))
    const unexplained: string[] = []
    for (const one of both) {
      for (const extent of ['required', 'all'] as const satisfies Extent[]) {
        const given = withoutEscapes(one, argumentsFor(document, one, extent))
        unexplained.push(...unlisted(await pair.compare(one.path, given), one, `with ${extent} parameters`))
      }
      if (!one.method.mediaUpload?.protocols?.simple) continue
      counts.uploads++
      const { parameters, body = {} } = argumentsFor(document, one, 'required')
      const given = { parameters, ...(one.method.request && { body }) }
      // The two frame the parts of an upload each in their own way.
      const found = (await pair.compare(one.path, given, 'the content of a file')).filter(isAddress)
      unexplained.push(...unlisted(found, one, 'with media'))
    }
    await pair.close()
    counts.apis++
    counts.methods += both.length
    counts.onlyOurs += placed.length - both.length
    counts.onlyTheirs += pair.theirMethods.size - both.length
    expect(unexplained).toEqual([])
  })

  test('are those of at least 300 methods of 10 APIs', () => {
    say(
      `${counts.methods} methods of ${counts.apis} APIs compared, ${counts.uploads} of them with media too; ` +
        `left out: ${counts.onlyOurs} that only our documents have, ${counts.onlyTheirs} that only their clients have`,
    )
    expect(counts.methods).toBeGreaterThanOrEqual(300)
    expect(counts.apis).toBeGreaterThanOrEqual(10)
  })

  test.each([...Array.from(':@&=+$,;!\'()*[]?# "<>`{}|^\\ü🌍', (one) => `a${one}b`), 'a%2Fb', '%e|\\b'])(
    'differ only as listed for the value people/%s of {+resourceName}',
    async (value) => {
      const document = readDocument('people-v1')
      const pair = openPair('people-v1', document, recorder)
      const one = methodsOf(document).find(({ path }) => path.join('.') === 'people.get')!
      const given = { parameters: { resourceName: `people/${value}`, personFields: 'names' } }
      const found = await pair.compare(one.path, given)
      await pair.close()
      expect(unlisted(found, one, 'with one value')).toEqual([])
    },
  )

  test('differ in each listed way', () => {
    const idle = intendedDifferences.flatMap(linesOf).filter((line) => !occurred.has(line))
    expect(idle).toEqual([])
  })
})

/**
 * Arguments without what looks encoded in `{+name}`: their clients then encode nothing of the value, and what goes
 * over the wire depends on Node's address parser. A test of its own shows what is lost.
 */
function withoutEscapes({ method }: PlacedMethod, given: Arguments): Arguments {
  const parameters = Object.entries(given.parameters).map(([name, value]) => [
    name,
    typeof value === 'string' && method.path.includes(`{+${name}}`)
      ? value.replaceAll(/%(?=[0-9a-f])/gi, '~')
      : value,
  ])
  return { ...given, parameters: Object.fromEntries(parameters) }
}

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
    : Array.from(characters, (character) => `${part}: ${what.replace('?', () => character)}`)
}
