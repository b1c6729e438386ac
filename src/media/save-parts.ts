import { codecs } from '#platform'
import { DataLossError } from '../errors.ts'
import { toBase64 } from '../protocol/base64.ts'
import { combineCrc32c, formatCrc32c } from '../protocol/crc32c.ts'
import { checkDownloadOptions } from './check-download.ts'
import { fastestCrc32c } from './checksum.ts'
import { same } from './content-check.ts'
import { lost } from './download-loss.ts'
import { readPart } from './download-part.ts'
import { progressOf } from './download-progress.ts'
import { type DownloadRequests, downloadRequests } from './download-requests.ts'
import type { DownloadSteps } from './download-steps.ts'
import type { DownloadSummary, SaveOptions } from './download.ts'
import { foundParts, keptParts, sourceOf } from './kept-parts.ts'
import type { MediaDestination, PartsDestination } from './media-destination.ts'
import { beginParts, type PartsUnderWay, type WrittenPart } from './parts-under-way.ts'

/**
 * Saves a download in parts, each written at its place: several at the same time, or what an earlier download left
 * undone. Undefined when the content cannot be had so, and nothing was saved: the server gives no ranges of it, nothing
 * pins its version, or it is to be inflated.
 */
export async function saveParts(
  steps: DownloadSteps,
  destination: MediaDestination,
  { resume = false, sliceBytes, slices = sliceBytes === undefined ? 1 : DEFAULT_SLICES }: SaveOptions,
  keepStop: (stop: () => unknown) => void,
): Promise<DownloadSummary | undefined> {
  checkDownloadOptions(steps.id, steps.options)
  const size = sliceBytes ?? (slices > 1 ? DEFAULT_SLICE_BYTES : undefined)
  const source = await sourceOf(steps.request.url)
  for (;;) {
    const requests = downloadRequests(steps, destination.reuse ?? false)
    keepStop(() => requests.stop(new DOMException(`${steps.id} was given up`, 'AbortError')))
    const work = { found: false, progressed: false }
    let place: PartsDestination | undefined
    let keep: Keeper | undefined
    try {
      place = await destination.openParts!(resume)
      const found = await foundParts(steps, place, source)
      work.found = found !== undefined
      const state = found ?? (await beginParts(requests, size))
      if (state === undefined) {
        await place.leave(true)
        return undefined
      }
      if (resume) keep = keeper(place, state, source)
      await writeAll(requests, place, state, slices, async (bytes) => {
        work.progressed = true
        await keep?.wrote(bytes)
      })
      await keep?.settle(false)
      const summary = await verifyParts(steps.id, place, state)
      await place.finish(summary.length)
      return summary
    } catch (error) {
      requests.stop(error)
      const isLoss = error instanceof DataLossError
      await keep?.settle(!isLoss).catch(() => {}) // the failure says more
      await place?.leave(isLoss)
      // What an earlier download left is of a version that there is no more; of this one nothing is lost.
      if (!isLoss || !work.found || work.progressed) throw error
    } finally {
      requests.finish()
    }
  }
}

const DEFAULT_SLICES = 4
const DEFAULT_SLICE_BYTES = 33_554_432
/** At most twice as much comes again after a crash, besides what was on its way. */
const KEEP_BYTES = 4_194_304

/** Writes all that is missing, `slices` parts at the same time. The first failure ends all. */
async function writeAll(
  requests: DownloadRequests,
  place: PartsDestination,
  state: PartsUnderWay,
  slices: number,
  wrote: (bytes: number) => Promise<void>,
): Promise<void> {
  const tell = progressOf(requests.steps)
  const report = (): void => {
    const received = state.parts.reduce((sum, { written }) => sum + written, 0)
    tell(received, state.facts.length)
  }
  report()
  const waiting = state.parts.filter(({ first, last = Infinity, written }) => first + written <= last)
  const work = async (): Promise<void> => {
    try {
      for (let part = waiting.shift(); part; part = waiting.shift()) {
        await writePart(requests, place, state, part, async (bytes) => {
          report()
          await wrote(bytes)
        })
      }
    } catch (error) {
      requests.stop(error)
      throw error
    }
  }
  const results = await Promise.allSettled(Array.from({ length: slices }, work))
  const failed = results.find((result) => result.status === 'rejected')
  if (failed) throw failed.reason
}

async function writePart(
  requests: DownloadRequests,
  place: PartsDestination,
  state: PartsUnderWay,
  part: WrittenPart,
  wrote: (bytes: number) => Promise<void>,
): Promise<void> {
  const checksum = await fastestCrc32c()
  const { chunks = readPart(requests, state, part, { opened: () => {}, took: () => {} }) } = part
  for await (const chunk of chunks) {
    await place.write(chunk, part.first + part.written)
    part.crc = checksum(chunk, part.crc)
    part.written += chunk.length
    await wrote(chunk.length)
  }
}

/** Keeps where the parts stand while more is written. */
interface Keeper {
  wrote(bytes: number): Promise<void>
  /** All that was to be kept is; with `rest`, also what was written last. */
  settle(rest: boolean): Promise<void>
}

function keeper(place: PartsDestination, state: PartsUnderWay, source: string): Keeper {
  let unkept = 0
  let keeping: Promise<void> = Promise.resolve()
  async function keep(): Promise<void> {
    if (state.facts.version === undefined || state.facts.length === undefined) return
    unkept = 0
    // One after the other: an older state must not take the place of a newer one.
    keeping = keeping.then(() => place.keep(keptParts(state, source)))
    keeping.catch(() => {}) // told to those who wait for it
  }
  return {
    async wrote(bytes) {
      unkept += bytes
      if (unkept < KEEP_BYTES) return
      await keeping // a disk that is slower than the network holds it back
      if (unkept >= KEEP_BYTES) await keep()
    },
    async settle(rest) {
      if (rest && unkept > 0) await keep()
      await keeping
    },
  }
}

/** Puts the checksums of the parts together and compares that of the whole. */
async function verifyParts(
  id: string,
  place: PartsDestination,
  { facts, parts }: PartsUnderWay,
): Promise<DownloadSummary> {
  const length = parts.reduce((sum, { written }) => sum + written, 0)
  if (facts.length !== undefined && length !== facts.length)
    throw lost(id, 'length', String(facts.length), String(length))
  const crc = formatCrc32c(parts.reduce((sum, part) => combineCrc32c(sum, part.crc, part.written), 0))
  const { contentType, hash } = facts
  const verified =
    hash.crc32c === undefined
      ? await compareMd5(id, place, length, hash.md5)
      : same(id, 'CRC-32C', hash.crc32c, crc)
  return { length, contentType, crc32c: crc, verified }
}

/** Parts cannot be put together to an MD5: the bytes are read again. */
async function compareMd5(
  id: string,
  place: PartsDestination,
  length: number,
  declared: string | undefined,
): Promise<boolean> {
  const md5 = declared === undefined ? undefined : codecs.createMd5()
  if (md5 === undefined) return false
  for await (const chunk of place.read(0, length)) md5.update(chunk)
  return same(id, 'MD5', declared!, toBase64(md5.digest()))
}
