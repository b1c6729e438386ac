/**
 * Where clients keep discovery documents from one start to the next. What `get` gives is checked like an answer from
 * the network, and a failure of either function only means that Google is asked.
 */
export interface DocumentCache {
  /** What was kept under a key, the address at which a document is asked for first. */
  get(key: string): Promise<CachedDocument | undefined>
  set(key: string, document: CachedDocument): Promise<void>
}

/** A document, or an answer of the list of APIs. */
export interface CachedDocument {
  /** JSON. */
  readonly text: string
  /** The address that gave it, when that is not the key. */
  readonly url?: string
  /** The answer's `ETag` and `Last-Modified`, by which the server tells whether there is a newer one. */
  readonly etag?: string
  readonly lastModified?: string
  /** When it came, or was last said to be unchanged, in milliseconds since 1970. */
  readonly storedAt: number
}
