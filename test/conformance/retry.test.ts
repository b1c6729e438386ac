import { createClient, type UntypedApi } from 'discokit'
import { anonymous } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { starterDocuments } from '../../src/emulator/starter-documents.ts'
import { say } from '../documents/say.ts'
import { bytesOf, say as tell } from '../emulator/speak.ts'
import { CALLS, IN_A_SESSION } from './calls.ts'
import { readScenarios, type RetryScenario } from './scenarios.ts'
import { makeResources, type Subject } from './subject.ts'

const document = (await starterDocuments()).find(({ id }) => id === 'storage:v1')!
const scenarios = readScenarios()
if (!scenarios)
  say('left out, since ../shared/conformance is not there: Google’s retry conformance scenarios')

test('Google’s retry conformance scenarios are all there', (context) => {
  context.skip(!scenarios, '../shared/conformance is not there')
  const runs = scenarios!.map(({ cases, methods }) => cases.length * methods.length)
  expect(runs).toEqual([66, 33, 22, 28, 94, 66, 4, 2])
  expect(runs.reduce((sum, each) => sum + each)).toBe(315)
})

interface Run extends Pick<RetryScenario, 'preconditionProvided' | 'expectSuccess'> {
  readonly scenario: number
  readonly method: string
  readonly resources: RetryScenario['methods'][number]['resources']
  readonly way: string
  readonly instructions: readonly string[]
  readonly faults: string
}

/**
 * How a method is called in a scenario. Scenario 7 is about uploads in sessions alone and scenario 8 about downloads. In
 * scenario 3 a call without a precondition must not be repeated; uploads in sessions are, since a session makes one
 * object at most, however often it is asked for.
 */
function waysOf({ id }: RetryScenario, method: string): string[] {
  const ways = Object.keys(CALLS[method]!)
  if (id === 8) return ways.filter((way) => way === 'its bytes')
  if (id === 7) return ways.filter(isSession)
  return id === 3 ? ways.filter((way) => !isSession(way)) : ways
}

const isSession = (way: string): boolean => way.startsWith(IN_A_SESSION)

/** Each method and case of a scenario, in each way that the method can be called. */
function runsOf(scenario: RetryScenario): Run[] {
  const { id, preconditionProvided, expectSuccess } = scenario
  return scenario.methods.flatMap(({ name, resources }) =>
    scenario.cases.flatMap(({ instructions }) =>
      waysOf(scenario, name).map((way) => ({
        scenario: id,
        method: name,
        resources,
        way,
        instructions,
        faults: instructions.join(' and '),
        preconditionProvided,
        expectSuccess,
      })),
    ),
  )
}

describe.each(scenarios ? ['in process', 'over a port'] : [])('%s', (place) => {
  let emulator: Emulator
  let buckets = 0
  beforeAll(async () => {
    emulator = await createEmulator({ anonymous: true })
    if (place === 'over a port') await emulator.listen()
  })
  afterAll(() => emulator.close())

  /**
   * A client without a credential, as the scenarios are meant: one that has a credential renews it after a 401. A new one
   * each time, since a client gives up trying again where it fails too often.
   */
  function connect(): UntypedApi {
    const google = createClient({ ...emulator.connect(), auth: anonymous(), retry: { baseDelayMs: 1 } })
    return google.api(document)
  }

  describe.each(scenarios ?? [])('scenario $id, $description', (scenario) => {
    test.for(runsOf(scenario))('$method $way, after $faults', async (run) => {
      const storage = connect()
      const bucket = `bucket-${(buckets += 1)}`
      const bytes = CONTENT[run.scenario] ?? SMALL
      const made = await makeResources(storage, bucket, run.resources, bytes)
      const { id } = (
        await tell(emulator, 'POST /retry_test', {
          body: { instructions: { [run.method]: run.instructions } },
        })
      ).json
      const options = { headers: { 'x-retry-test-id': id } }
      const subject: Subject = { storage, options, guarded: run.preconditionProvided, bucket, bytes, ...made }
      emulator.journal.clear()

      const outcome = await CALLS[run.method]![run.way]!(subject).then(
        (value) => ({ value }),
        (error: unknown) => ({ error }),
      )
      if (run.expectSuccess) expect(outcome).not.toHaveProperty('error')
      else expect(outcome).toMatchObject({ error: errorOf(run.instructions.at(-1)!) })
      expect((await tell(emulator, `GET /retry_test/${id}`)).json).toMatchObject({ completed: true })
      if (run.scenario === 7) {
        const kept = await storage['objects'].get.download({ bucket, object: 'made' }).bytes()
        expect(Buffer.compare(kept, bytes)).toBe(0)
      }
      if (run.scenario === 8) {
        const { value } = outcome as { value: Uint8Array }
        expect(Buffer.compare(value, bytes)).toBe(0)
      }
      if (run.scenario > 6 || isSession(run.way)) return
      const sent = emulator.journal.exchanges.filter(({ headers }) => headers['x-retry-test-id'] === id)
      expect(sent).toHaveLength(run.instructions.length + (run.expectSuccess ? 1 : 0))
    })
  })
})

const SMALL = bytesOf(1_000)
/** Sizes that the faults of scenarios 7 and 8 lie within. */
const CONTENT: Readonly<Record<number, Uint8Array>> = { 7: bytesOf(9 * 1024 * 1024), 8: bytesOf(600_000) }

/** The last thing that a call met is what it fails with. */
function errorOf(instruction: string): object {
  const status = /^return-(\d+)$/.exec(instruction)?.[1]
  return status === undefined ? { code: 'maybe_applied' } : { status: Number(status) }
}
