import { type Problem, ValidationError } from '../errors.ts'
import { checkKinds, checkTimeout } from '../check-call.ts'
import type { CallOptions } from '../options.ts'
import type { HttpRequest } from '../protocol/http.ts'
import { callHeaders, checkedHeaders } from '../request/call-headers.ts'
import { withExtraQuery } from '../request/extra-query.ts'
import { CALL_OPTIONS, checkOptionNames } from '../request/option-names.ts'
import { CREDENTIAL_NAMES } from '../protocol/credential-names.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'

/** Options of a batch. Time and signal are those of the whole. */
export interface BatchOptions extends CallOptions {
  /** How many requests go in one multipart request. Default 100, the most that most APIs take. */
  readonly maxSize?: number
}

/** One request of a batch. */
export interface Part {
  /** Its place among all that are sent. */
  readonly index: number
  readonly prepared: PreparedRequest
  /** What would be sent if it were sent alone, but for what the client adds to every request. */
  readonly request: HttpRequest & { readonly body?: string }
  readonly batchUrl: string
  /** Path and query, all that a part says of its address. */
  readonly target: string
}

/**
 * Makes requests ready for a batch.
 * @throws {ValidationError} naming everything that cannot be sent, by index.
 */
export function toParts(requests: readonly PreparedRequest[], options: BatchOptions): Part[] {
  checkOptionNames('batch', options, BATCH_OPTIONS)
  checkTimeout('batch', options.timeoutMs)
  checkKinds('batch', options)
  const { maxSize = 1, extraQuery, headers } = options
  const problems: Problem[] = []
  if (!Number.isInteger(maxSize) || maxSize < 1 || maxSize > MAX_SIZE) {
    problems.push({ path: 'maxSize', message: `must be a whole number from 1 to ${MAX_SIZE}` })
  }
  if (!Array.isArray(requests)) problems.push({ path: 'requests', message: 'must be a list' })
  if (problems.length > 0) throw new ValidationError('batch', problems)

  const more = callHeaders('batch', headers === undefined ? {} : { headers })
  const parts: Part[] = []
  for (const [i, request] of requests.entries()) {
    try {
      const whole = isObject(request) ? withExtraQuery(request, extraQuery) : request
      const message = whyNot(whole)
      if (message === undefined) parts.push(toPart(i, whole, more))
      else problems.push({ path: `requests[${i}]`, message })
    } catch (error) {
      if (!(error instanceof ValidationError)) throw error
      problems.push(...error.problems.map((each) => ({ ...each, path: join(`requests[${i}]`, each.path) })))
    }
  }
  if (problems.length > 0) throw new ValidationError('batch', problems)
  return parts
}

const BATCH_OPTIONS = [...CALL_OPTIONS.filter((name) => name !== 'onProgress'), 'maxSize']
/** What the API with the largest batches takes, Calendar. */
const MAX_SIZE = 1_000
/** Google takes no longer addresses in batches. */
const MAX_URL_CHARACTERS = 8_000
const METHOD = /^[A-Za-z]+$/
const TARGET = /^\/[!"$-~]*$/

/** What the address of a request may hold, should the request have lost the note of it on its way. */
const OWN_CREDENTIAL = /* @__PURE__ */ new RegExp(`[?&](${CREDENTIAL_NAMES.join('|')})=`)

function isObject(request: unknown): boolean {
  return typeof request === 'object' && request !== null
}

/** Why a request cannot stand in a batch, or undefined. */
function whyNot(request: PreparedRequest | null | undefined): string | undefined {
  const { method, url, batchUrl, body, headers, media } = request ?? ({} as Partial<PreparedRequest>)
  const isPrepared =
    typeof url === 'string' &&
    METHOD.test(method ?? '') &&
    typeof (headers ?? undefined) === 'object' &&
    (body === undefined || typeof body === 'string')
  if (!isPrepared) return 'is not a prepared request; make one with .prepare(…) of a method'
  if (media !== undefined) return 'has media, which cannot go in a batch; send it alone'
  if (request!.ownCredential || OWN_CREDENTIAL.test(url))
    return 'has a key or a token of its own, and a batch has one for all; send it alone'
  if (typeof batchUrl !== 'string')
    return 'has no batch address: its API has no batches; use google.send([…])'
  return undefined
}

function toPart(index: number, prepared: PreparedRequest, more: HttpRequest['headers'] | undefined): Part {
  const { id, url, batchUrl = '', body } = prepared
  const end = batchUrl.indexOf('/', 'https://'.length) // of the origin, which is theirs together
  const target = url.slice(end)
  const refuse = (message: string): never => {
    throw new ValidationError('batch', [{ path: '', message }])
  }
  if (url.length > MAX_URL_CHARACTERS) {
    refuse(`has an address of ${url.length} characters; a batch takes at most ${MAX_URL_CHARACTERS}`)
  }
  if (end < 0 || !url.startsWith(batchUrl.slice(0, end + 1))) refuse('has a batch address on another host')
  if (!TARGET.test(target)) refuse('has an address that cannot be written in a batch')
  if (isTransfer(target)) refuse('moves media, which cannot go in a batch; send it alone')
  const own = checkedHeaders(id, prepared.headers)
  const headers = more === undefined ? own : { ...own, ...more }
  const method = prepared.method.toUpperCase()
  const request = body === undefined ? { method, url, headers } : { method, url, headers, body }
  return { index, prepared, request, batchUrl, target }
}

/** Whether a request is for bytes instead of their metadata, or brings some. */
function isTransfer(target: string): boolean {
  if (/^\/(resumable\/)?(up|down)load\//.test(target)) return true
  const at = target.indexOf('?')
  if (at < 0) return false
  const query = new URLSearchParams(target.slice(at))
  return query.getAll('alt').includes('media') || query.has('uploadType')
}

function join(path: string, inner: string): string {
  return inner === '' ? path : `${path}.${inner}`
}
