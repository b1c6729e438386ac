import { checkSaving } from './check-download.ts'
import { asksForRange } from './download-requests.ts'
import type { DownloadSteps } from './download-steps.ts'
import type { DownloadSummary, SaveOptions } from './download.ts'
import type { MediaDestination } from './media-destination.ts'
import { receive } from './receive.ts'
import { saveParts } from './save-parts.ts'

/**
 * Saves a download.
 * @param claim takes the download, once, with what ends it
 */
export async function save(
  steps: DownloadSteps,
  destination: MediaDestination,
  options: SaveOptions,
  claim: (stop: () => unknown) => void,
): Promise<DownloadSummary> {
  checkSaving(steps.id, destination, options)
  let stop = (): unknown => undefined
  claim(() => stop())
  const keepStop = (latest: () => unknown): void => void (stop = latest)
  const { resume, slices, sliceBytes } = options
  const inParts = resume || slices !== undefined || sliceBytes !== undefined
  // A range of a content is small enough to be asked for again.
  const saved =
    inParts && !asksForRange(steps.options)
      ? await saveParts(steps, destination, options, keepStop)
      : undefined
  return saved ?? saveInOrder(steps, destination, keepStop)
}

/** From the beginning to the end. */
async function saveInOrder(
  steps: DownloadSteps,
  destination: MediaDestination,
  keepStop: (stop: () => unknown) => void,
): Promise<DownloadSummary> {
  const received = receive(steps, { reuse: destination.reuse })
  keepStop(() => received.return(undefined as never)) // its result is not looked at
  let summary: DownloadSummary | undefined
  try {
    await destination.save(keepResult(received, (result) => (summary = result)))
  } finally {
    await received.return(undefined as never) // does nothing after the end
  }
  if (summary) return summary
  throw new TypeError(`${steps.id}: the destination did not read the download to its end`)
}

async function* keepResult<Result>(
  chunks: AsyncGenerator<Uint8Array, Result, undefined>,
  keep: (result: Result) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  keep(yield* chunks)
}
