import { codecs } from '#platform'
import { DataLossError } from '../errors.ts'
import { crc32c, formatCrc32c, parseCrc32c } from '../protocol/crc32c.ts'
import { responseBody } from '../protocol/http-body.ts'
import type { HttpResponse } from '../protocol/http.ts'

/**
 * The CRC-32C of a content from its beginning to the furthest byte that was read. Bytes that are read again are the
 * same, so they count once.
 */
export class RunningChecksum {
  crc: number
  /** Bytes that it covers. */
  hashed: number
  readonly #compute: Crc32c

  constructor(compute: Crc32c, crc = 0, hashed = 0) {
    this.#compute = compute
    this.crc = crc
    this.hashed = hashed
  }

  /** Takes in a chunk that begins at an offset, as far as it is new. It may not begin behind what was taken in. */
  update(chunk: Uint8Array, offset: number): void {
    const known = this.hashed - offset
    if (known >= chunk.length) return
    this.crc = this.#compute(known === 0 ? chunk : chunk.subarray(known), this.crc)
    this.hashed = offset + chunk.length
  }
}

/** A function like `crc32c`. */
export type Crc32c = (bytes: Uint8Array, previous?: number) => number

/** The fastest that there is: the runtime's, or ours. Looked for once. */
export function fastestCrc32c(): Promise<Crc32c> {
  return (fastest ??= codecs.loadCrc32c().then((native) => native ?? crc32c))
}

let fastest: Promise<Crc32c> | undefined

/** What is known of a content that was sent. */
export interface SentContent {
  /** Undefined when another sent the end of it. */
  readonly length: number | undefined
  /** Undefined when none was computed. */
  readonly crc32c: number | undefined
}

/** Answers to uploads are metadata; a longer one is not looked into. */
const MOST_ANSWER_BYTES = 8_388_608

/**
 * Holds the metadata in an answer against what was sent, as far as it has checksums, and gives the answer as it was.
 * @param facts `whole`: whether everything was sent from here; else the answer must show that it is there.
 *   `maxBytes`: the most that is read of the answer
 * @throws {DataLossError} when they differ: what is stored is not what was sent.
 * @throws {TransportError} `ANSWER_TOO_LARGE` when it is longer than `maxBytes`.
 */
export async function checkAnswer(
  response: HttpResponse,
  { id, whole, maxBytes }: { readonly id: string; readonly whole: boolean; readonly maxBytes?: number },
  sentContent: () => SentContent | Promise<SentContent>,
): Promise<HttpResponse> {
  const { headers, body } = response
  const given = Number(headers['content-length'] ?? 0)
  if (!JSON_TYPE.test(headers['content-type'] ?? '') || given > MOST_ANSWER_BYTES) {
    if (whole) return response
    throw unproven(id)
  }
  const bytes = await body.bytes(maxBytes)
  const stored = readStored(bytes)
  if (!whole || stored.crc32c !== undefined || stored.isContent) {
    const sent = await sentContent()
    const differs = (what: string, expected: string, actual: string): DataLossError =>
      new DataLossError(
        `${id}: what the server stored is not what was sent: it has ${what} ${actual}, and ${expected} was sent; replace or delete it`,
        { expected, actual },
      )
    if (stored.size !== undefined && sent.length !== undefined && stored.size !== sent.length) {
      throw differs('a size of', String(sent.length), String(stored.size))
    }
    if (stored.crc32c !== undefined && sent.crc32c !== undefined && stored.crc32c !== sent.crc32c) {
      throw differs('the CRC-32C', formatCrc32c(sent.crc32c), formatCrc32c(stored.crc32c))
    }
    const shown = [
      [stored.size, sent.length],
      [stored.crc32c, sent.crc32c],
    ].some(([there, here]) => there !== undefined && there === here)
    if (!whole && !shown) throw unproven(id)
  }
  return { ...response, body: responseBody(bytes) }
}

function unproven(id: string): DataLossError {
  return new DataLossError(
    `${id}: the server says that the upload is complete, of which this program did not send everything, and its answer shows neither size nor checksum; look at what it stored`,
  )
}

const JSON_TYPE = /^application\/json\b/i

/** What the metadata of Cloud Storage and Drive say of the bytes. */
interface Stored {
  readonly size: number | undefined
  readonly crc32c: number | undefined
  /** Whether it speaks of bytes as they are stored: documents that Drive makes of them have no checksum. */
  readonly isContent: boolean
}

function readStored(bytes: Uint8Array): Stored {
  let metadata: Readonly<Record<string, unknown>> | null = null
  try {
    metadata = JSON.parse(new TextDecoder().decode(bytes)) as Readonly<Record<string, unknown>> | null
  } catch {
    // Whoever reads the answer says so.
  }
  const { size, crc32c: crc, md5Hash, md5Checksum } = metadata ?? {}
  return {
    size: typeof size === 'string' && /^\d{1,15}$/.test(size) ? Number(size) : undefined,
    crc32c: typeof crc === 'string' ? parseCrc32c(crc) : undefined,
    isContent: typeof (md5Hash ?? md5Checksum) === 'string',
  }
}
