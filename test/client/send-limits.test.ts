import { createClient, TimeoutError, ValidationError } from 'discokit'
import { anonymous } from 'discokit/auth'
import { describe, expect, test } from 'vitest'
import { answer, answering, noAnswer } from './answers.ts'
import { notes } from './notes-document.ts'

const transport = answering(({ url }, _, context) =>
  url.includes('slow') ? noAnswer(context) : answer(200, { url }),
)
const google = createClient({ transport, auth: anonymous() })
const prepare = (noteId: string): any => google.api(notes)['notes'].get.prepare({ noteId })

describe('send of many', () => {
  test('has a limit for the whole: what has been answered is given', async () => {
    const results = await google.send([prepare('1'), prepare('slow'), prepare('3')], { totalTimeoutMs: 20 })
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'fulfilled'])
    const { reason } = results[1] as PromiseRejectedResult
    expect(reason).toBeInstanceOf(TimeoutError)
    expect(reason.message).toMatch(/^sending 3 requests did not finish within 20 ms/)
  })

  test('has a limit for each', async () => {
    const results = await google.send([prepare('slow'), prepare('2')], {
      timeoutMs: 10,
      totalTimeoutMs: 60_000,
    })
    expect((results[0] as PromiseRejectedResult).reason).toMatchObject({ code: 'timeout', timeoutMs: 10 })
    expect(results[1]).toMatchObject({ status: 'fulfilled' })
  })

  test('ends with the caller’s signal', async () => {
    const controller = new AbortController()
    const sending = google.send([prepare('slow')], { totalTimeoutMs: 60_000, signal: controller.signal })
    controller.abort(new Error('enough'))
    expect(await sending).toEqual([{ status: 'rejected', reason: new Error('enough') }])
  })

  test('refuses a limit that is none', async () => {
    await expect(google.send([prepare('1')], { totalTimeoutMs: -1 })).rejects.toThrow(ValidationError)
  })

  test('of none gives none', async () => {
    expect(await google.send([])).toEqual([])
  })
})
