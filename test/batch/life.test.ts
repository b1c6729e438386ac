import { createClient, type PreparedRequest, type RestDescription, TimeoutError } from 'discokit'
import { anonymous } from 'discokit/auth'
import { describe, expect, test } from 'vitest'
import { answer, answering, endlessAnswer, noAnswer, type Recorder } from '../client/answers.ts'
import { notes } from '../client/notes-document.ts'
import { answerPart, multipartBody, okMessage, partsOf } from './parts.ts'

const document: RestDescription = { ...notes, batchPath: 'batch' }

function connect(transport: Recorder, auth = anonymous()) {
  const google = createClient({ transport, auth, retry: { baseDelayMs: 1 } })
  const { get } = google.api(document)['notes']
  return { google, read: (noteId: string): PreparedRequest => get.prepare({ noteId }) }
}

const mixed = { 'content-type': 'multipart/mixed; boundary=b' }
const echo = (request: Parameters<typeof partsOf>[0]) =>
  answer(
    200,
    multipartBody(partsOf(request).map(({ id, message }) => answerPart(id, okMessage(message)))),
    mixed,
  )

describe('the time of a batch', () => {
  test('is one for the whole', async () => {
    const { google, read } = connect(answering((_, __, context) => noAnswer(context)))
    const [result] = await google.batch([read('a')], { timeoutMs: 20 })
    expect((result as PromiseRejectedResult).reason).toBeInstanceOf(TimeoutError)
    expect(result).toMatchObject({ reason: { timeoutMs: 20, phase: 'answer' } })
  })

  test('when it is over leaves the answers that came', async () => {
    const transport = answering((request, i, context) => (i === 0 ? echo(request) : endlessAnswer(context)))
    const { google, read } = connect(transport)
    const results = await google.batch([read('a'), read('b')], { maxSize: 1, timeoutMs: 50 })
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    expect(results[1]).toMatchObject({ reason: { code: 'timeout' } })
  })

  test('is not spent on a wait that it would cut', async () => {
    const transport = answering((request) => {
      const parts = partsOf(request).map(({ id }) =>
        answerPart(id, okMessage({}, '429 Slow Down', ['Retry-After: 3600'])),
      )
      return answer(200, multipartBody(parts), mixed)
    })
    const { google, read } = connect(transport)
    expect(await google.batch([read('a')])).toMatchObject([
      { reason: { code: 'quota_exceeded', retryAfterMs: 3_600_000 } },
    ])
    expect(transport.requests).toHaveLength(1)
  })
})

describe('an abort', () => {
  test('ends all that was not answered, with its reason', async () => {
    const controller = new AbortController()
    const transport = answering((request, i, context) => {
      if (i === 0) return echo(request)
      controller.abort('enough')
      return noAnswer(context)
    })
    const { google, read } = connect(transport)
    const requests = Array.from({ length: 9 }, (_, i) => read(String(i)))
    const results = await google.batch(requests, { maxSize: 1, signal: controller.signal })
    expect(results[0]).toMatchObject({ status: 'fulfilled' })
    for (const result of results.slice(1)) expect(result).toEqual({ status: 'rejected', reason: 'enough' })
    expect(transport.requests.length).toBeLessThan(9)
  })

  test('ends a wait between two tries', async () => {
    const controller = new AbortController()
    const transport = answering(() => {
      setTimeout(() => controller.abort('enough'))
      return answer(503, '', { 'retry-after': '60' })
    })
    const { google, read } = connect(transport)
    expect(await google.batch([read('a')], { signal: controller.signal })).toEqual([
      { status: 'rejected', reason: 'enough' },
    ])
  })
})

describe('batches', () => {
  test('go out four at once, by address', async () => {
    let running = 0
    let most = 0
    const transport = answering(async (request) => {
      most = Math.max(most, ++running)
      await new Promise((resolve) => setImmediate(resolve))
      running--
      return echo(request)
    })
    const { google, read } = connect(transport)
    const other = (id: string): PreparedRequest =>
      JSON.parse(
        JSON.stringify(read(id)).replaceAll('notes.googleapis', 'other.googleapis'),
      ) as PreparedRequest
    const requests = Array.from({ length: 12 }, (_, i) => (i % 2 ? read : other)(String(i)))
    const results = await google.batch(requests, { maxSize: 2 })
    expect(most).toBe(4)
    expect(transport.requests).toHaveLength(6)
    expect(results).toEqual(
      requests.map((_, i) => ({
        status: 'fulfilled',
        value: expect.stringContaining(`GET /notes/v1/notes/${i} HTTP/1.1`),
      })),
    )
    expect(new Set(transport.requests.map(({ url }) => url))).toEqual(
      new Set(['https://notes.googleapis.com/batch', 'https://other.googleapis.com/batch']),
    )
  })

  test('ask the credential for scopes that suffice for all in them', async () => {
    const asked: unknown[] = []
    const auth = {
      kind: 'test',
      headers: (target: unknown) => {
        asked.push(target)
        return { authorization: 'Bearer x' }
      },
    }
    const { google, read } = connect(answering(echo), auth)
    const [first, second] = [read('a'), read('b')]
    const narrow = { ...second, scopes: [first.scopes![1]!] }
    await google.batch([first, narrow])
    await google.batch([{ ...first, scopes: ['one'] }, narrow])
    const url = 'https://notes.googleapis.com/batch'
    expect(asked).toEqual([{ url, scopes: [first.scopes![1]] }, { url }])
  })

  test('retry parts that wait for different times apart from each other', async () => {
    const tries: string[][] = []
    const transport = answering((request, i) => {
      const parts = partsOf(request)
      tries.push(parts.map(({ message }) => /notes\/(\w+) HTTP/.exec(message)![1]!))
      if (i > 0) return echo(request)
      const statuses = ['503 Busy', '503 Busy', '429 Slow Down']
      return answer(
        200,
        multipartBody(parts.map(({ id }, k) => answerPart(id, okMessage({}, statuses[k])))),
        mixed,
      )
    })
    const { google, read } = connect(transport)
    const results = await google.batch([read('a'), read('b'), read('c')])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled', 'fulfilled'])
    expect(tries).toEqual([['a', 'b', 'c'], ['a', 'b'], ['c']])
  })
})
