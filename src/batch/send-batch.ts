import { ParseError } from '../errors.ts'
import type { ExchangeDefaults } from '../exchange.ts'
import { concatBytes, tooLarge } from '../protocol/http-body.ts'
import type { HttpHeaders, HttpRequest, HttpResponse } from '../protocol/http.ts'
import { CallContext } from '../transport/call-context.ts'
import type { Credentials } from '../transport/credentials.ts'
import { summarize } from '../transport/redact.ts'
import { type DecodedBatch, decodeBatch } from './decode-batch.ts'
import { encodeBatch } from './encode-batch.ts'
import type { Part } from './part.ts'

/** What became of one part at one try. */
export type Outcome =
  /** An answer, of its own or to the batch as a whole. `sent` are the headers that the batch went with. */
  | { readonly answer: Answer; readonly sent: HttpHeaders }
  /** No answer. `lost` when one that could not be read broke off, so that it may come whole the next time. */
  | { readonly error: unknown; readonly lost?: boolean }

/** An answer whose headers are made when they are needed. */
export interface Answer {
  readonly status: number
  readonly headers: { get(name: string): string | undefined; toHeaders(): HttpHeaders }
  readonly body: string
}

/** Where batches go through. */
export interface BatchRoute {
  readonly defaults: ExchangeDefaults
  readonly credentials: Credentials
  /** Headers of the outer request, besides those of the client. */
  readonly headers: HttpHeaders | undefined
  /** What an answer may have at most, for each part. */
  readonly maxAnswerBytes: number | undefined
  /** The call that all batches are part of. */
  readonly call: CallContext
}

/**
 * Sends parts of one address as one request, and once more those that the server refused for their credential after
 * it was renewed. Never rejects: gives what became of each, in order.
 */
export async function sendBatch(parts: readonly Part[], route: BatchRoute): Promise<Outcome[]> {
  const { outcomes, refused } = await sendOnce(parts, route)
  if (refused === undefined || !route.credentials.refused?.(refused)) return outcomes
  route.defaults.tokenStore?.refused(refused)
  const places = parts.flatMap((_, i) => (isRefused(outcomes[i]!) ? [i] : []))
  const again = await sendOnce(
    places.map((i) => parts[i]!),
    route,
  )
  for (const [k, i] of places.entries()) outcomes[i] = again.outcomes[k]!
  return outcomes
}

/** The most that is read into memory of one answer, in bytes; less where each part may have less. */
const MAX_ANSWER_BYTES = 268_435_456
/** What there may be around each part. */
const OVERHEAD_BYTES = 16_384
const decoder = /* @__PURE__ */ new TextDecoder()

async function sendOnce(
  parts: readonly Part[],
  { defaults, credentials, headers, maxAnswerBytes, call: whole }: BatchRoute,
): Promise<{ outcomes: Outcome[]; refused?: HttpHeaders }> {
  const { id, contentType, body } = encodeBatch(parts)
  const request: HttpRequest = {
    method: 'POST',
    url: parts[0]!.batchUrl,
    headers: { ...defaults.headers, ...headers, 'content-type': contentType },
    body,
  }
  // A context of its own: the scopes and the headers that went out are those of this request.
  const call = new CallContext({
    id: 'batch',
    scopes: commonScopes(parts),
    credentials,
    clock: defaults.clock,
  })
  const forget = whole.onEnd((reason) => call.end(reason))
  const all = (outcome: Outcome): { outcomes: Outcome[] } => ({ outcomes: parts.map(() => outcome) })
  try {
    call.throwIfEnded()
    whole.phase = 'answer'
    const response = await defaults.once(request, call)
    const sent = call.sent?.headers ?? request.headers
    const most = (maxAnswerBytes ?? MAX_ANSWER_BYTES) * parts.length + OVERHEAD_BYTES * (parts.length + 1)
    const { text, broken } = await readWhole(response, Math.min(most, MAX_ANSWER_BYTES))
    if (response.status < 200 || response.status > 299) {
      call.throwIfEnded() // what came of the body then says nothing
      return all({ answer: wholeAnswer(response, text), sent })
    }
    const outcomes = read(parts, response, { text, broken, id, sent })
    return outcomes.some(isRefused) ? { outcomes, refused: without(sent, request.headers) } : { outcomes }
  } catch (error) {
    return all({ error })
  } finally {
    forget()
    call.finish()
  }
}

function wholeAnswer({ status, headers }: HttpResponse, body: string): Answer {
  return { status, headers: { get: (name) => headers[name], toHeaders: () => headers }, body }
}

/** An answer that breaks off still has the parts that came before. */
async function readWhole(
  { body }: HttpResponse,
  maxBytes: number,
): Promise<{ text: string; broken?: unknown }> {
  const chunks: Uint8Array[] = []
  let length = 0
  try {
    for await (const chunk of body) {
      length += chunk.length
      if (length > maxBytes) throw tooLarge(maxBytes)
      chunks.push(chunk)
    }
    return { text: decoder.decode(concatBytes(chunks, length)) }
  } catch (broken) {
    return { text: decoder.decode(concatBytes(chunks)), broken }
  }
}

interface Received {
  readonly text: string
  readonly broken: unknown
  readonly id: string
  readonly sent: HttpHeaders
}

function read(parts: readonly Part[], { status, headers }: HttpResponse, received: Received): Outcome[] {
  const { text, broken, id, sent } = received
  const contentType = headers['content-type']
  const unreadable = ({ request, prepared }: Part, what: string): ParseError =>
    new ParseError(`${prepared.id}: the answer to the batch cannot be read: ${what}`, {
      status,
      contentType: contentType ?? '',
      request: summarize(request, prepared.id),
    })
  let decoded: DecodedBatch
  try {
    decoded = decodeBatch(text, contentType, id, parts.length)
  } catch (error) {
    const { message } = error as SyntaxError
    return parts.map((part) => ({ error: broken ?? unreadable(part, message), lost: true }))
  }
  const { answers, complete } = decoded
  return parts.map((part, i): Outcome => {
    const answer = answers[i]
    if (typeof answer === 'object') return { answer, sent }
    if (answer !== undefined) return { error: unreadable(part, answer) }
    if (complete) return { error: unreadable(part, 'it has no part with the id of this request') }
    return { error: broken ?? unreadable(part, 'it ends before the part of this request'), lost: true }
  })
}

function isRefused(outcome: Outcome): boolean {
  return 'answer' in outcome && outcome.answer.status === 401
}

/** What the credential added. */
function without(headers: HttpHeaders, others: HttpHeaders): HttpHeaders {
  return Object.fromEntries(Object.entries(headers).filter(([name]) => !(name in others)))
}

/** The scopes of which any one suffices for every part, where there are any. */
function commonScopes(parts: readonly Part[]): readonly string[] | undefined {
  // Requests of one method share the list.
  const lists = new Set<readonly string[]>()
  for (const { prepared } of parts) if (prepared.scopes) lists.add(prepared.scopes)
  const [first = [], ...others] = lists
  const common = first.filter((scope) => others.every((scopes) => scopes.includes(scope)))
  return common.length > 0 ? common : undefined
}
