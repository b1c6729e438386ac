import { DataLossError, TransportError } from '../errors.ts'
import { checkCoding } from './check-coding.ts'
import { type ContentFacts, contentFacts, type ContentVersion, sameVersion } from './content-facts.ts'
import { changed, lost } from './download-loss.ts'
import {
  asksForRange,
  type DownloadRequests,
  type OpenAnswer,
  type RefusedBytes,
} from './download-requests.ts'
import type { DownloadRange } from './download.ts'
import type { DownloadSteps } from './download-steps.ts'
import { inflate } from './inflate.ts'

/** What is known of a content that is downloaded, by its first answer or from an earlier download. */
export interface KnownContent {
  facts: ContentFacts | undefined
}

/** A part of a content, on its way. */
export interface DownloadPart {
  /** Asked for at first, while nothing is known. */
  readonly range?: DownloadRange | undefined
  /** Where it begins, in bytes as stored. */
  first: number
  /** Where it ends, this byte included. Undefined: with the content. */
  last: number | undefined
  /** Bytes of it that were given. */
  received: number
  /** Whether it must be of the version that is known, also when nothing of it was given. */
  readonly pinned?: boolean
}

/** Who is told of what comes. */
export interface PartListener {
  /** An answer is there, and what it tells of the content. */
  opened(status: number): void
  /** A chunk, before it is given. */
  took(chunk: Uint8Array): void
}

/**
 * The bytes of a part as stored, over as many requests as it takes: each goes on where the one before broke off, with the
 * same version of the content.
 * @throws {DataLossError} when the server has another version by now, or gives other bytes than were asked for.
 */
export async function* readPart(
  requests: DownloadRequests,
  content: KnownContent,
  part: DownloadPart,
  listener: PartListener,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { steps } = requests
  const tries = { count: 0 }
  // A piece of gzip is of use only to those who want what is stored.
  const plain = asksForRange(steps.options) && steps.options.decompress !== false
  const reads = /^get$/i.test(steps.request.method)
  for (;;) {
    const untouched = (): boolean => part.received === 0 && !part.pinned
    if (untouched()) {
      content.facts = undefined // nobody has seen any of it
      part.first = 0
      part.last = undefined
    }
    const known = content.facts
    const at = part.first + part.received
    const answer = await requests.ask(
      known
        ? { range: `bytes=${at}-${part.last ?? ''}`, version: known.version, plain: !known.storedAsGzip }
        : { range: part.range && writeRange(part.range), plain },
      tries,
    )
    if ('refused' in answer) {
      if (known && endsAt(answer, known, at, steps.id)) return
      throw known ? changed(steps.id, at) : answer.refused
    }
    let ended = false
    let chunks: AsyncIterator<Uint8Array> | undefined
    try {
      const { facts, skip } = known ? resumed(steps, known, at, answer) : begun(steps, content, part, answer)
      const last = endOf(part, known?.length === undefined ? facts : known)
      const longer = answer.response.status !== 206 && part.last !== undefined
      listener.opened(answer.response.status)
      chunks = storedBytes(requests, answer, facts)
      let left = skip
      for (;;) {
        const { done, value } = await chunks.next()
        if (done) break
        const chunk = left > 0 ? value.subarray(left) : value
        left = Math.max(0, left - value.length)
        if (chunk.length === 0) continue
        const room = last === undefined ? Infinity : last + 1 - part.first - part.received
        if (chunk.length > room && !longer) throw lost(steps.id, 'length', `${last! + 1}`, `more than that`)
        const taken = chunk.length > room ? chunk.subarray(0, room) : chunk
        tries.count = 1
        part.received += taken.length
        listener.took(taken)
        yield taken
        if (longer && taken.length === room) return // the rest is not wanted
      }
      ended = true
      if (last === undefined || part.first + part.received > last) return
      throw cutShort(steps.id, last + 1 - part.first, part.received)
    } catch (error) {
      const last = content.facts && endOf(part, content.facts)
      const whole = last !== undefined && part.first + part.received > last
      if (whole && error instanceof TransportError) return
      if (error instanceof DataLossError || !reads) throw error
      if (!untouched() && content.facts?.version === undefined) throw error
      await requests.pause(error, tries)
    } finally {
      if (!ended) chunks?.return?.().catch(() => {}) // not awaited: it may wait for a chunk that never comes
      release(answer, ended)
    }
  }
}

/** The last byte that is wanted, as far as it is known. */
function endOf(part: DownloadPart, { length, last }: ContentFacts): number | undefined {
  return part.last ?? (length === undefined ? last : length - 1)
}

/** What the first answer says. A server that does not give ranges gives everything, of which the rest is left out. */
function begun(
  { id, options }: DownloadSteps,
  content: KnownContent,
  part: DownloadPart,
  { response }: OpenAnswer,
): { facts: ContentFacts; skip: number } {
  const { range } = part
  const found = contentFacts(response)
  if (found === undefined && range)
    throw lost(id, 'a range', writeRange(range), 'of several parts, or of none')
  const unasked = response.status === 206 && !range && !asksForRange(options)
  if (unasked && (found?.first !== 0 || found.length === undefined))
    throw lost(id, 'a range', 'all of it', response.headers['content-range'] ?? 'of none')
  if (found) checkCoding(id, response, found, options)
  const facts = (content.facts = found ?? NO_RANGE)
  if (unasked) return { facts, skip: 0 } // what is missing of the whole is asked for too
  if (response.status === 206) {
    if (range && !fits(range, facts))
      throw lost(id, 'range', writeRange(range), `${facts.first}-${facts.last}`)
    part.first = facts.first
    // A server may give less than it was asked for; then the rest is asked for too.
    part.last = range && facts.length !== undefined ? lastOf(range, facts.length) : facts.last
    return { facts, skip: 0 }
  }
  if (!range) return { facts, skip: 0 }
  if ('lastBytes' in range && facts.length === undefined)
    throw lost(id, 'a range', writeRange(range), 'all of a content whose length is not known')
  part.first = 'lastBytes' in range ? Math.max(0, facts.length! - range.lastBytes) : (range.first ?? 0)
  part.last =
    facts.length === undefined ? ('last' in range ? range.last : undefined) : lastOf(range, facts.length)
  return { facts, skip: part.first }
}

function lastOf(range: DownloadRange, length: number): number {
  return Math.min('last' in range ? (range.last ?? Infinity) : Infinity, length - 1)
}

/** The answer of several ranges at once, which the caller asked for by a header: it cannot be gone on with. */
const NO_RANGE: ContentFacts = {
  contentType: undefined,
  version: undefined,
  first: 0,
  last: undefined,
  length: undefined,
  hash: {},
  gzipOnTheWay: false,
  storedAsGzip: false,
}

function fits(range: DownloadRange, { first, last = Infinity, length }: ContentFacts): boolean {
  if ('lastBytes' in range)
    return last - first < range.lastBytes && (length === undefined || last === length - 1)
  return first === (range.first ?? 0) && last <= (range.last ?? Infinity)
}

/** What a later answer says, which must be of the same version, or in the end is compared with the checksum of that. */
function resumed(
  { id, options }: DownloadSteps,
  known: ContentFacts,
  at: number,
  { response }: OpenAnswer,
): { facts: ContentFacts; skip: number } {
  const facts = contentFacts(response)
  const version: ContentVersion = known.version ?? {}
  const same = facts && sameVersion(version, facts.version)
  if (same === false) throw changed(id, at)
  const whole = response.status !== 206
  const compared = !whole && known.hash.crc32c !== undefined && !asksForRange(options)
  if (facts === undefined || (!whole && facts.first !== at)) {
    const header = response.headers['content-range']
    throw lost(
      id,
      'a range',
      `from ${at}`,
      facts ? `from ${facts.first}` : header === undefined ? 'of none' : 'of several',
    )
  }
  if (same === undefined && !compared) throw changed(id, at)
  if (known.length !== undefined && facts.length !== undefined && known.length !== facts.length)
    throw changed(id, at)
  if (facts.storedAsGzip !== known.storedAsGzip || (!whole && facts.gzipOnTheWay)) throw changed(id, at)
  return { facts, skip: whole ? at : 0 }
}

/** Whether a refusal says that nothing is missing: there are no bytes from here on. */
function endsAt({ refused, headers }: RefusedBytes, known: ContentFacts, at: number, id: string): boolean {
  if (refused.status !== 416) return false
  const total = /^bytes \*\/(\d+)$/.exec(headers['content-range'] ?? '')?.[1]
  if (total !== undefined) {
    if (Number(total) !== (known.length ?? at)) throw changed(id, at)
    return Number(total) === at
  }
  if (known.hash.crc32c === undefined) throw refused
  return true // the checksum tells
}

function storedBytes(
  requests: DownloadRequests,
  answer: OpenAnswer,
  facts: ContentFacts,
): AsyncIterator<Uint8Array> {
  const coded = { next: () => requests.next(answer) }
  return facts.gzipOnTheWay ? inflate(requests.steps.id, { [Symbol.asyncIterator]: () => coded }) : coded
}

function cutShort(id: string, expected: number, actual: number): TransportError {
  const what = `${id}: the answer ended after ${actual} of ${expected} bytes`
  return new TransportError(what, { reason: 'ANSWER_CUT_SHORT', progress: 'answered' })
}

function release({ chunks, response, exchange }: OpenAnswer, ended: boolean): void {
  if (!ended) {
    chunks.return?.().catch(() => {})
    response.body.cancel()
  }
  exchange.finish()
}

/** The `Range` header (RFC 9110 section 14.2). */
function writeRange(range: DownloadRange): string {
  return 'lastBytes' in range ? `bytes=-${range.lastBytes}` : `bytes=${range.first ?? 0}-${range.last ?? ''}`
}
