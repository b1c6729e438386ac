import {
  type HttpRequest,
  type HttpResponse,
  type Transport,
  type TransportContext,
  TransportError,
} from 'discokit'
import { answer, noAnswer } from '../client/answers.ts'
import { type Fault, possibleFaults, type Tolerance } from './faults.ts'
import type { Ledger } from './ledger.ts'
import type { Random } from './random.ts'
import { corrupted, counted, interrupted, streamOf, withAnswerChunks, withChunks } from './spoiled-body.ts'

/** What a faulty connection is made of. */
export interface FaultyConnection {
  readonly inner: Transport
  readonly random: Random
  readonly ledger: Ledger
  /** How likely a fault is at each request, from 0 to 1. */
  readonly p: number
  readonly tolerance: Tolerance
}

/** A connection to a good server on which things go wrong by chance: at any request, at any place in it. */
export function faultyTransport({ inner, random, ledger, p, tolerance }: FaultyConnection): Transport {
  async function send(request: HttpRequest, context: TransportContext): Promise<HttpResponse> {
    const body = streamOf(request)
    const count = (bytes: number): void => void (ledger.sentBytes += bytes)
    const watched = body ? withChunks(request, (chunks) => counted(chunks, count)) : request
    const response = await ledger.follow(inner(watched, context))
    ledger.answered(response)
    const type = response.headers['content-type'] ?? ''
    if (response.status !== 200 || !type.startsWith('application/json') || /[?&]alt=media/.test(request.url))
      return response
    const text = await ledger.follow(response.body.text())
    const { generation } = JSON.parse(text) as { generation?: string }
    if (generation !== undefined) ledger.generations.add(generation)
    return answer(200, text, response.headers)
  }
  return async (request, context) => {
    ledger.requests++
    if (!random.chance(p)) return send(request, context)
    const fault = random.pick(possibleFaults(request, tolerance))
    return meet(fault, request, context)
  }

  async function meet(fault: Fault, request: HttpRequest, context: TransportContext): Promise<HttpResponse> {
    const met = (): void => void ledger.faults.push(fault)
    const length = streamOf(request)?.length ?? 1_000_000
    const place = random.int(0, Math.max(0, length - 1))
    const status = random.pick(STATUSES)
    const refused = (): HttpResponse => {
      ledger.statuses.add(status)
      return answer(status, {
        error: { code: status, message: 'Try again.', errors: [{ reason: REASONS[status] }] },
      })
    }
    switch (fault) {
      case 'status':
        met()
        return refused()
      case 'refused':
        met()
        throw broken('ECONNREFUSED', 'unsent', request)
      case 'reset-before':
        met()
        throw broken('ECONNRESET', 'sent', request)
      case 'reset-after':
        met()
        await (await send(request, context)).body.bytes()
        throw broken('ECONNRESET', 'sent', request)
      case 'stall':
        met()
        return noAnswer(context)
      case 'stall-after':
        met()
        await (await send(request, context)).body.bytes()
        return noAnswer(context)
      case 'reset-within':
      case 'status-within': {
        met()
        const error = broken('ECONNRESET', 'sent', request)
        const cut = withChunks(request, (chunks) =>
          interrupted(chunks, place, () => {
            throw error
          }),
        )
        await send(cut, context).then(
          ({ body }) => body.cancel(),
          () => {},
        )
        context.signal.throwIfAborted()
        if (fault === 'reset-within') throw error
        return refused()
      }
      case 'stall-within': {
        met()
        const stalled = withChunks(request, (chunks) => interrupted(chunks, place, () => noAnswer(context)))
        send(stalled, context).catch(() => {})
        return noAnswer(context)
      }
      case 'corrupt-content': {
        const head = /multipart/.test(request.headers['content-type'] ?? '') ? 4_096 : 0
        if (length < head + 1_024) return send(request, context)
        met()
        return send(
          withChunks(request, (chunks) => corrupted(chunks, random.int(head, length - 1_000))),
          context,
        )
      }
      case 'lose-session': {
        met()
        const url = request.url
        const { authorization = '' } = request.headers
        const goog = 'x-goog-upload-command' in request.headers
        await ledger.follow(
          inner(
            {
              method: goog ? 'POST' : 'DELETE',
              url,
              headers: {
                authorization,
                'content-length': '0',
                ...(goog && { 'x-goog-upload-command': 'cancel' }),
              },
            },
            context,
          ),
        )
        return send(request, context)
      }
      case 'ignore-range': {
        met()
        const { range: _, 'if-range': __, ...headers } = request.headers
        return send({ ...request, headers }, context)
      }
      default:
        return spoil(fault, await send(request, context), context, met)
    }
  }

  function spoil(
    fault: Fault,
    response: HttpResponse,
    context: TransportContext,
    met: () => void,
  ): HttpResponse {
    const { status, headers } = response
    const length = Number(headers['content-length'] ?? 1_000)
    const place = random.int(0, Math.max(0, length - 1))
    if (fault === 'lie-of-range') {
      const isRange = status === 308 || headers['x-http-status-code-override'] === '308'
      const name =
        headers['x-goog-upload-size-received'] === undefined ? 'range' : 'x-goog-upload-size-received'
      if (!isRange && name === 'range') return response
      met()
      const { [name]: _, ...rest } = headers
      const bytes = random.int(0, 13) * 262_144
      const lie =
        name === 'range'
          ? random.pick([
              {},
              { range: `bytes=0-${bytes}` },
              { range: `bytes=0-${bytes}` },
              { range: 'bytes=?' },
            ])
          : { [name]: String(bytes) }
      return { ...response, headers: { ...rest, ...lie } }
    }
    if (fault === 'shift-range') {
      const range = /^bytes (\d+)-(\d+)\/(\d+)$/.exec(headers['content-range'] ?? '')
      if (!range) return response
      met()
      const [, first, last, total] = range
      const shifted = `bytes ${Number(first) + 1}-${last}/${total}`
      return { ...response, headers: { ...headers, 'content-range': shifted } }
    }
    met()
    if (fault === 'garble') return answer(status, '<html>busy</html>', { ...headers, 'content-length': '17' })
    if (fault === 'corrupt-answer') return withAnswerChunks(response, (chunks) => corrupted(chunks, place))
    const happen: Readonly<Record<string, () => void | Promise<void>>> = {
      cut: () => {
        throw broken('ECONNRESET', 'answered')
      },
      short: () => {},
      'stall-answer': () => noAnswer(context),
    }
    return withAnswerChunks(response, (chunks) => interrupted(chunks, place, happen[fault]!))
  }
}

const STATUSES = [503, 503, 500, 502, 504, 408, 429]
const REASONS: Readonly<Record<number, string>> = { 429: 'rateLimitExceeded', 408: 'requestTimeout' }

function broken(
  reason: string,
  progress: 'unsent' | 'sent' | 'answered',
  request?: HttpRequest,
): TransportError {
  const what = request === undefined ? '' : `${request.method} ${request.url.split('?')[0]}: `
  return new TransportError(`${what}the connection broke (${reason})`, { reason, progress })
}
