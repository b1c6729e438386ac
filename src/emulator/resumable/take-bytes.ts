import { keepBytes, type Session } from './session.ts'

/** What a request brought. */
export interface TakenBytes {
  /** The offset in the upload at which the request's bytes end. */
  readonly end: number
  /** What came after the last whole granule, and the offset where it begins. It is not kept yet. */
  readonly tail: Uint8Array
  readonly tailOffset: number
}

/**
 * Takes bytes that begin at `offset`, at the latest where the kept ones end. Every granule is kept as soon as it is
 * there, so that a connection that breaks costs no more than the one that was begun. Bytes that are there already are
 * passed over.
 */
export async function takeBytes(
  session: Session,
  offset: number,
  chunks: AsyncIterable<Uint8Array>,
): Promise<TakenBytes> {
  const granule = session.granularityBytes
  let block: Uint8Array | undefined
  let used = 0
  let end = offset
  for await (const chunk of chunks) {
    for (let rest = chunk; rest.length > 0;) {
      // Only between granules, as what is kept ends with one.
      const known = used === 0 ? Math.min(rest.length, Math.max(0, session.stored - end)) : 0
      const taken = known || Math.min(rest.length, granule - used)
      if (known === 0) {
        ;(block ??= new Uint8Array(granule)).set(rest.subarray(0, taken), used)
        used += taken
      }
      end += taken
      rest = rest.subarray(taken)
      if (used < granule) continue
      await keepBytes(session, end - granule, block!)
      used = 0
    }
  }
  return { end, tail: block?.subarray(0, used) ?? new Uint8Array(0), tailOffset: end - used }
}
