import { createClient, type HttpResponse, TransportError, type UntypedApi, ValidationError } from 'discokit'
import { anonymous } from 'discokit/auth'
import { describe, expect, test } from 'vitest'
import { answer, answering, noAnswer, type Recorder } from './answers.ts'
import { paged } from './paged-document.ts'

/** A list of `pages` pages with two things each: 10 and 11, 20 and 21 … */
function listOf(pages: number): { api: UntypedApi; transport: Recorder } {
  return connected(answering((_, index) => answer(200, pageOf(index + 1, pages))))
}

function pageOf(number: number, pages: number): object {
  return {
    things: [number * 10, number * 10 + 1],
    ...(number < pages && { nextPageToken: String(number + 1) }),
  }
}

function connected(transport: Recorder): { api: UntypedApi; transport: Recorder } {
  return { api: createClient({ transport, auth: anonymous(), retry: false }).api(paged), transport }
}

async function take<T = any>(things: AsyncIterable<T>, limit = Infinity): Promise<T[]> {
  const taken: T[] = []
  for await (const thing of things) if (taken.push(thing) === limit) break
  return taken
}

/** A list whose pages come when they are let. */
function gated(pages: number): {
  api: UntypedApi
  transport: Recorder
  ended: number[]
  give(index: number, response?: HttpResponse): void
} {
  const waiting: ((response: HttpResponse) => void)[] = []
  const ended: number[] = []
  const transport = answering((_, index, context) => {
    context.onEnd(() => ended.push(index))
    return Promise.race([
      noAnswer(context),
      new Promise<HttpResponse>((resolve) => {
        waiting[index] = resolve
      }),
    ])
  })
  const give = (index: number, response = answer(200, pageOf(index + 1, pages))): void =>
    waiting[index]!(response)
  return { ...connected(transport), ended, give }
}

/** Lets everything happen that needs no more than turns of the event loop. */
async function settle(): Promise<void> {
  for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve))
}

describe('a limit', () => {
  test.each([
    [0, [], 1],
    [1, [10], 1],
    [2, [10, 11], 1],
    [3, [10, 11, 20], 2],
    [4, [10, 11, 20, 21], 2],
    [9, [10, 11, 20, 21, 30, 31], 3],
    [Infinity, [10, 11, 20, 21, 30, 31], 3],
  ])('of %d items gives so many, and asks for no page beyond', async (limit, items, requests) => {
    for (const prefetch of [false, true]) {
      const { api, transport } = listOf(3)
      expect(await take(api.things.list().items({ limit, prefetch }))).toEqual(items)
      await settle()
      expect(transport.requests).toHaveLength(requests)
    }
  })

  test.each([
    [0, 0, 1],
    [1, 1, 1],
    [2, 2, 2],
    [3, 3, 3],
    [4, 3, 3],
  ])('of %d pages gives %d after %d requests', async (limit, pages, requests) => {
    for (const prefetch of [false, true]) {
      const { api, transport } = listOf(3)
      expect(await take(api.things.list().pages({ limit, prefetch }))).toHaveLength(pages)
      await settle()
      expect(transport.requests).toHaveLength(requests)
    }
  })

  test.each([
    { limit: -1 },
    { limit: 1.5 },
    { limit: NaN },
    { limit: '1' },
    { prefetch: 1 },
    { limt: 1 },
    { limit: null },
  ])('or option that is none is refused: %o', async (options) => {
    const { api } = listOf(1)
    await expect(take(api.things.list().items(options))).rejects.toBeInstanceOf(ValidationError)
    await expect(take(api.things.list().pages(options))).rejects.toBeInstanceOf(ValidationError)
  })
})

describe('a page asked for ahead', () => {
  test.each(['items', 'pages'] as const)('is one, and no more, by %s', async (kind) => {
    const { api, transport, give } = gated(4)
    const walk = api.things.list()[kind]({ prefetch: true })[Symbol.asyncIterator]()
    const first = walk.next()
    await settle()
    expect(transport.requests).toHaveLength(1)
    give(0)
    await first
    await settle()
    expect(transport.requests).toHaveLength(2)
    give(1)
    await settle()
    expect(transport.requests).toHaveLength(2)
    if (kind === 'items') await walk.next() // the other one of the first page
    await walk.next()
    await settle()
    expect(transport.requests).toHaveLength(3)
    await walk.return()
  })

  test('is given up when the walk is left', async () => {
    const { api, ended, give } = gated(4)
    const walk = take(api.things.list().pages({ prefetch: true }), 1)
    await settle()
    give(0)
    expect(await walk).toHaveLength(1)
    await settle()
    expect(ended).toEqual([1])
  })

  test('that fails tells nobody when it is not wanted, and its asker when it is', async () => {
    const unhandled: unknown[] = []
    const listener = (reason: unknown): void => void unhandled.push(reason)
    process.on('unhandledRejection', listener)
    try {
      for (const wanted of [false, true]) {
        const { api, give } = gated(4)
        const walk = api.things.list().items({ prefetch: true })[Symbol.asyncIterator]()
        const first = walk.next()
        await settle()
        give(0)
        await first
        await settle()
        give(1, answer(500))
        await settle()
        await walk.next()
        if (wanted) {
          await expect(walk.next()).rejects.toMatchObject({ status: 500 })
          expect(await walk.next()).toEqual({ done: true, value: undefined })
        } else await walk.return()
        await settle()
      }
      expect(unhandled).toEqual([])
    } finally {
      process.off('unhandledRejection', listener)
    }
  })

  test('is not asked for on a token that cannot be used, until it is wanted', async () => {
    const { api } = connected(answering(() => answer(200, { things: [1], nextPageToken: 7 })))
    const walk = api.things.list().pages({ prefetch: true })[Symbol.asyncIterator]()
    expect((await walk.next()).value.things).toEqual([1])
    await settle()
    await expect(walk.next()).rejects.toMatchObject({ code: 'unreadable_answer' })
  })
})

describe('a walk', () => {
  test('gives items in order, however many are asked for at once', async () => {
    for (const prefetch of [false, true]) {
      const { api, transport } = listOf(3)
      const walk = api.things.list().items({ prefetch })[Symbol.asyncIterator]()
      const results = await Promise.all(Array.from({ length: 8 }, () => walk.next()))
      expect(results.map(({ value }: any) => value)).toEqual([10, 11, 20, 21, 30, 31, undefined, undefined])
      expect(results.map(({ done }: any) => done).lastIndexOf(false)).toBe(5)
      expect(transport.requests).toHaveLength(3)
    }
  })

  test('gives pages in order, however many are asked for at once', async () => {
    const { api } = listOf(3)
    const walk = api.things.list().pages()[Symbol.asyncIterator]()
    const results = await Promise.all(Array.from({ length: 5 }, () => walk.next()))
    expect(results.map(({ value }: any) => value?.things[0])).toEqual([10, 20, 30, undefined, undefined])
  })

  test('that is left asks for nothing more, and stays at its end', async () => {
    const { api, transport } = listOf(3)
    const walk = api.things.list().items()[Symbol.asyncIterator]()
    expect(await walk.next()).toEqual({ done: false, value: 10 })
    expect(await walk.return()).toEqual({ done: true, value: undefined })
    expect(await walk.next()).toEqual({ done: true, value: undefined })
    expect(transport.requests).toHaveLength(1)
  })

  test('that is left before it began ends at once', async () => {
    for (const kind of ['items', 'pages']) {
      const walk = listOf(3).api.things.list()[kind]()[Symbol.asyncIterator]()
      expect(await walk.return()).toEqual({ done: true, value: undefined })
      expect(await walk.next()).toEqual({ done: true, value: undefined })
    }
  })

  test('that is left while it waits ends its request and its waiting', async () => {
    const { api, ended, give } = gated(3)
    const walk = api.things.list().items()[Symbol.asyncIterator]()
    const first = walk.next()
    await settle()
    give(0)
    await first
    await walk.next()
    const third = walk.next()
    await settle()
    expect(await walk.return()).toEqual({ done: true, value: undefined })
    expect(await third).toEqual({ done: true, value: undefined })
    expect(ended).toEqual([1])
  })

  test('ends with its signal, wherever it is', async () => {
    const { api, ended, give } = gated(3)
    const controller = new AbortController()
    const walk = take(api.things.list({}, { signal: controller.signal }))
    await settle()
    give(0)
    await settle()
    controller.abort(new Error('enough'))
    await expect(walk).rejects.toThrow('enough')
    expect(ended).toEqual([1])
  })

  test('is over after an error', async () => {
    const { api } = connected(
      answering((_, index) => {
        if (index === 0) return answer(200, pageOf(1, 9))
        throw new TransportError('broken', { reason: 'ECONNRESET', progress: 'answered' })
      }),
    )
    const walk = api.things.list().pages()[Symbol.asyncIterator]()
    await walk.next()
    await expect(walk.next()).rejects.toBeInstanceOf(TransportError)
    expect(await walk.next()).toEqual({ done: true, value: undefined })
  })

  test('of a call that was refused fails with the refusal', async () => {
    const { api } = listOf(1)
    await expect(take(api.things.list({ nonsense: 1 }).items())).rejects.toBeInstanceOf(ValidationError)
    await expect(take(api.things.list({ nonsense: 1 }).pages())).rejects.toBeInstanceOf(ValidationError)
  })

  test('goes on where a page of an earlier one ended', async () => {
    const { api, transport } = listOf(3)
    const [, second] = await take(api.things.list().pages({ limit: 2 }))
    expect(await take(api.things.list({ pageToken: second.nextPageToken }))).toEqual([30, 31])
    expect(transport.requests[2]!.url).toMatch(/\?pageToken=3$/)
  })
})
