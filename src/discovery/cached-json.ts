import { GoogleApiError, ParseError, TimeoutError, TransportError } from '../errors.ts'
import type { HttpHeaders } from '../protocol/http.ts'
import type { ChooseCache } from './choose-cache.ts'
import type { CachedDocument, DocumentCache } from './document-cache.ts'

/** How one call gets JSON. */
export interface JsonSource {
  /**
   * Fetches from an address, without credentials.
   * @param hurried whether there is something to fall back on, so that trying long is not worth it
   */
  fetch(url: string, headers: HttpHeaders, hurried: boolean): Promise<FetchedJson>
  readonly cache: ChooseCache
  /** The time in milliseconds since 1970. */
  now(): number
}

/** A successful answer. */
export interface FetchedJson {
  readonly content: unknown
  readonly headers: HttpHeaders
}

/** What is wanted of the JSON at some address. */
export interface Wanted<T> {
  /** The address under which it is kept. */
  readonly key: string
  /** What the content means: undefined when it is not what was wanted. Throws when it is nothing at all. */
  read(content: unknown, url: string): T | undefined
  /** Whether it may come from an address other than the key. */
  allows(url: string): boolean
  /**
   * Asks for it by `get`, at one address or several. What the last `get` gave is kept.
   * @param known the address that had it last time
   */
  find(get: (url: string) => Promise<T | undefined>, known: string): Promise<T>
}

/** So long nobody is asked whether there is a newer one. */
const FRESH_MS = 24 * 3_600_000
/** So long it is used when nobody answers. */
const STALE_MS = 30 * 24 * 3_600_000

/**
 * JSON by way of the cache: used for a day as it is, then after asking whether it has changed, and for thirty days
 * when Google cannot be reached.
 */
export async function cachedJson<T>(wanted: Wanted<T>, source: JsonSource): Promise<T> {
  const { key } = wanted
  const cache = await source.cache(key)
  const kept = await readKept(wanted, cache)
  const ageMs = kept ? source.now() - kept.storedAt : Infinity
  const usable = ageMs < STALE_MS ? kept : undefined
  if (usable && ageMs >= 0 && ageMs < FRESH_MS) return usable.value

  let latest: (() => CachedDocument) | undefined
  const get = async (url: string): Promise<T | undefined> => {
    const known = usable?.url === url ? usable : undefined
    const asked = source.now()
    try {
      const { content, headers } = await source.fetch(url, known?.validators ?? {}, !!usable)
      const value = wanted.read(content, url)
      if (value !== undefined) latest = () => toKeep(key, url, content, headers, asked)
      return value
    } catch (error) {
      if (!known || !(error instanceof GoogleApiError && error.status === 304)) throw error
      latest = () => ({ ...known.document, storedAt: asked })
      return known.value
    }
  }
  try {
    const value = await wanted.find(get, usable?.url ?? key)
    if (cache && latest) await keep(cache, key, latest)
    return value
  } catch (error) {
    if (usable && isUnreachable(error)) return usable.value
    throw error
  }
}

/** What the cache had, when it is what was wanted. */
interface Kept<T> {
  readonly value: T
  readonly url: string
  readonly storedAt: number
  readonly validators: HttpHeaders
  readonly document: CachedDocument
}

/** What the cache has of what is wanted. It is not trusted: whatever else it has is nothing. */
async function readKept<T>(
  { key, read, allows }: Wanted<T>,
  cache: DocumentCache | undefined,
): Promise<Kept<T> | undefined> {
  try {
    const document = await cache?.get(key)
    if (!document) return undefined
    const { text, url = key, etag, lastModified, storedAt } = document
    const value = url === key || allows(url) ? read(JSON.parse(text), url) : undefined
    if (value === undefined || !Number.isFinite(storedAt)) return undefined
    const validators: HttpHeaders = isValidator(etag)
      ? { 'if-none-match': etag }
      : isValidator(lastModified)
        ? { 'if-modified-since': lastModified }
        : {}
    return { value, url, storedAt, validators, document }
  } catch {
    return undefined
  }
}

async function keep(cache: DocumentCache, key: string, latest: () => CachedDocument): Promise<void> {
  try {
    await cache.set(key, latest())
  } catch {
    // The next start asks again.
  }
}

function isValidator(value: unknown): value is string {
  return typeof value === 'string' && /^[\x20-\x7e]{1,256}$/.test(value)
}

function toKeep(
  key: string,
  url: string,
  content: unknown,
  headers: HttpHeaders,
  storedAt: number,
): CachedDocument {
  const { etag, 'last-modified': lastModified } = headers
  return {
    text: JSON.stringify(content),
    storedAt,
    ...(url !== key && { url }),
    ...(etag !== undefined && { etag }),
    ...(lastModified !== undefined && { lastModified }),
  }
}

/** Nobody answered, or only something on the way that is not Google: not the caller's abort, and not a refusal. */
function isUnreachable(error: unknown): boolean {
  return (
    error instanceof TransportError ||
    error instanceof TimeoutError ||
    error instanceof ParseError ||
    (error instanceof GoogleApiError && (error.retryable || error.status >= 500))
  )
}
