import { type CallOptions, createClient } from 'discokit'
import { anonymous } from 'discokit/auth'
import { createEmulator } from 'discokit/emulator'
import { nodeTransport } from 'discokit/node'
import { createServer, type RequestListener } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test, vi } from 'vitest'
import { answer, answering, endlessAnswer, noAnswer, type Recorder } from './answers.ts'
import { notes } from './notes-document.ts'

afterEach(() => void vi.useRealTimers())

const REASON = { told: 'exactly this object' }

/** Lets a call come as far as it can, aborts it, and expects it to settle in a few turns with the very reason. */
async function expectAborted(
  begin: (signal: AbortSignal) => PromiseLike<unknown>,
  until?: () => boolean,
): Promise<void> {
  const controller = new AbortController()
  let outcome: unknown
  const settled = begin(controller.signal).then(
    () => (outcome = 'went through'),
    (reason: unknown) => (outcome = reason),
  )
  await (until ? vi.waitUntil(until, 10_000) : turns())
  expect(outcome).toBeUndefined()
  controller.abort(REASON)
  if (until) await settled
  else await turns()
  expect(outcome).toBe(REASON)
}

async function turns(): Promise<void> {
  for (let turn = 0; turn < 50; turn++) await Promise.resolve()
}

const apiOver = (transport: Recorder): any => createClient({ transport, auth: anonymous() }).api(notes)

describe('a signal', () => {
  test('that was aborted before ends the call before anything is sent', async () => {
    const transport = answering(() => answer(200, {}))
    const options: CallOptions = { signal: AbortSignal.abort(REASON) }
    const api = apiOver(transport)
    await expect(api.notes.get({ noteId: '1' }, options)).rejects.toBe(REASON)
    await expect(api.notes.get({ noteId: '1' }, options).withResponse()).rejects.toBe(REASON)
    await expect(api.notes.get({ noteId: '1' }, options).asResponse()).rejects.toBe(REASON)
    await expect(api.notes.list({ owner: 'me' }, options).pages().next()).rejects.toBe(REASON)
    await turns()
    expect(transport.requests).toEqual([])
  })

  test('ends the wait for the answer', async () => {
    const { notes } = apiOver(answering((_, __, context) => noAnswer(context)))
    await expectAborted((signal) => notes.get({ noteId: '1' }, { signal }))
  })

  test.each([200, 404, 503])('ends the reading of the body of a %i', async (status) => {
    const { notes } = apiOver(answering((_, __, context) => endlessAnswer(context, status)))
    await expectAborted((signal) => notes.get({ noteId: '1' }, { signal }))
  })

  test('ends the wait before another try', async () => {
    vi.useFakeTimers()
    const transport = answering(() => answer(503))
    await expectAborted((signal) => apiOver(transport).notes.get({ noteId: '1' }, { signal }))
    await vi.runAllTimersAsync()
    expect(transport.requests).toHaveLength(1)
  })

  test('ends the wait for a token, which others go on waiting for', async () => {
    await using emulator = await createEmulator()
    await emulator.serviceAccountKey()
    const inProcess = emulator.connect()
    let release = (): void => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    const transport = answering(async (request, _, context) => {
      if (request.url.endsWith('/token')) await held
      return inProcess.transport!(request, context)
    })
    const google = createClient({ ...inProcess, transport, auth: emulator.serviceAccount() })
    const storage = await google.discover('storage:v1')
    const other = storage['buckets'].list({ project: 'p' })
    await expectAborted(
      (signal) => storage['buckets'].list({ project: 'p' }, { signal }),
      () => transport.requests.some((request) => request.url.endsWith('/token')),
    )
    release()
    expect(await other).toMatchObject({ kind: 'storage#buckets' })
    expect(transport.requests.filter((request) => request.url.endsWith('/token'))).toHaveLength(1)
  })

  test('ends the wait for a page after the first', async () => {
    const transport = answering((_, index, context) =>
      index === 0 ? answer(200, { items: [1], nextPageToken: '2' }) : noAnswer(context),
    )
    const seen: unknown[] = []
    await expectAborted(async (signal) => {
      for await (const item of apiOver(transport).notes.list({ owner: 'me' }, { signal })) seen.push(item)
    })
    expect(seen).toEqual([1])
  })

  test('that is aborted between pages ends the list before another page is asked for', async () => {
    const transport = answering(() => answer(200, { items: [1], nextPageToken: '2' }))
    const controller = new AbortController()
    const walk = async (): Promise<void> => {
      const call = apiOver(transport).notes.list({ owner: 'me' }, { signal: controller.signal })
      for await (const _ of call) controller.abort(REASON)
    }
    await expect(walk()).rejects.toBe(REASON)
    expect(transport.requests).toHaveLength(1)
  })

  test('ends a request of many, each of them', async () => {
    const transport = answering((_, __, context) => noAnswer(context))
    const google = createClient({ transport, auth: anonymous() })
    const request = google.api(notes)['notes'].get.prepare({ noteId: '1' })
    const controller = new AbortController()
    const sending = google.send([request, request], { signal: controller.signal })
    await turns()
    controller.abort(REASON)
    expect(await sending).toEqual([
      { status: 'rejected', reason: REASON },
      { status: 'rejected', reason: REASON },
    ])
  })

  test('gives its own reason when it was given none', async () => {
    const { notes } = apiOver(answering((_, __, context) => noAnswer(context)))
    const controller = new AbortController()
    const call = notes.get({ noteId: '1' }, { signal: controller.signal })
    controller.abort()
    await expect(call).rejects.toBe(controller.signal.reason)
    await expect(call).rejects.toMatchObject({ name: 'AbortError' })
  })

  test('is let go of when the call is over', async () => {
    const controller = new AbortController()
    const add = vi.spyOn(controller.signal, 'addEventListener')
    const remove = vi.spyOn(controller.signal, 'removeEventListener')
    const options = { signal: controller.signal, retry: false }
    const api = apiOver(answering((_, index) => answer([200, 404, 503, 200][index]!, {})))
    await api.notes.get({ noteId: '1' }, options)
    await api.notes.get({ noteId: '1' }, options).catch(() => {})
    await api.notes.get({ noteId: '1' }, options).catch(() => {})
    await (await api.notes.get({ noteId: '1' }, options).asResponse()).text()
    await api.notes.get({}, options).catch(() => {})
    expect(remove.mock.calls.length).toBeGreaterThanOrEqual(add.mock.calls.length)
    expect(add).toHaveBeenCalledTimes(4)
  })
})

describe('a signal, over a connection', () => {
  async function overConnection(listener: RequestListener, until: () => boolean): Promise<void> {
    const server = createServer(listener)
    await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
    const endpoint = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
    const transport = nodeTransport()
    const api = createClient({ endpoint, transport, auth: anonymous() }).api(notes)
    try {
      await expectAborted((signal) => api['notes'].get({ noteId: '1' }, { signal }), until)
    } finally {
      await transport.close()
      server.closeAllConnections()
      server.close()
    }
  }

  test('ends the wait for the answer', async () => {
    let asked = false
    await overConnection(
      () => (asked = true),
      () => asked,
    )
  })

  test('ends the reading of the body', async () => {
    let begun = false
    await overConnection(
      (_, response) => {
        response.writeHead(200, { 'content-type': 'application/json' })
        response.write('{"a":', () => (begun = true))
      },
      () => begun,
    )
  })
})
