import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { ConflictError, DataLossError, NotFoundError } from '../../errors.ts'
import type { Client } from 'discokit'
import type { DownloadSummary } from '../../media/download.ts'
import { file } from '../../node/file.ts'
import { formatBytes, formatRate, type Steps } from '../output.ts'
import { type LocalFile, sha256 } from './local-files.ts'

/** What to move, through what. */
export interface RoundTrip {
  readonly google: Client
  readonly project: string
  readonly bucket: string
  readonly files: readonly LocalFile[]
  /** Where the copies are put. */
  readonly folder: string
  readonly steps: Steps
  readonly signal: AbortSignal
}

/**
 * The main job: discover the API, create the bucket, stream each file up with its metadata, list it, stream it back,
 * and compare the bytes. The same code for the emulator and for Google.
 * @throws {DataLossError} when a byte differs.
 */
export async function roundTrip({
  google,
  project,
  bucket,
  files,
  folder,
  steps,
  signal,
}: RoundTrip): Promise<void> {
  const storage = await google.discover('storage:v1', { signal })
  steps.done('document discovered', `storage:v1, ${storage['$resources'].length} resources`)
  await createBucket()
  for (const [i, local] of files.entries()) await moveOne(local, join(folder, `copy-${i}`))

  async function createBucket(): Promise<void> {
    try {
      await storage['buckets'].get({ bucket }, { signal })
      steps.done('bucket found', bucket)
    } catch (error) {
      if (!(error instanceof NotFoundError)) throw error
      await storage['buckets'].insert({ project, body: { name: bucket } }, { signal }).catch(ignoreConflict)
      steps.done('bucket created', bucket)
    }
  }

  async function moveOne({ path, object }: LocalFile, copy: string): Promise<void> {
    const { size } = await stat(path)
    const uploaded = await timed<{ crc32c: string }>(`uploading ${object}`, 'uploaded', size, (onProgress) =>
      storage['objects'].insert(
        { bucket, body: { name: object, metadata: { 'moved-by': 'discokit' } }, media: file(path) },
        {
          signal,
          onProgress: ({ sent, total }: { sent: number; total: number | undefined }) =>
            onProgress(sent, total),
        },
      ),
    )
    await findInListing(object, size)
    const downloaded = await timed<DownloadSummary>(
      `downloading ${object}`,
      'downloaded',
      size,
      (onProgress) =>
        storage['objects'].get
          .download(
            { bucket, object },
            {
              signal,
              onProgress: ({ received, total }: { received: number; total: number | undefined }) =>
                onProgress(received, total),
            },
          )
          .to(file(copy)),
    )
    same('SHA-256', object, await sha256(path), await sha256(copy))
    same('CRC-32C', object, uploaded.crc32c, downloaded.crc32c)
  }

  async function findInListing(object: string, size: number): Promise<void> {
    for await (const item of storage['objects'].list({ bucket, prefix: object }, { signal })) {
      if (item.name === object && item.size === String(size)) {
        return steps.done('listed', `${object}, ${formatBytes(size)}, ${item.contentType}`)
      }
    }
    throw new DataLossError(`${object} was uploaded and is not in the list of ${bucket}`)
  }

  async function timed<Result>(
    label: string,
    done: string,
    bytes: number,
    work: (onProgress: (bytes: number, total: number | undefined) => void) => PromiseLike<Result>,
  ): Promise<Result> {
    const progress = steps.progress(label)
    const started = performance.now()
    try {
      const result = await work(progress.update)
      progress.done(done, `${label.replace(/^\w+ /, '')}, ${formatRate(bytes, performance.now() - started)}`)
      return result
    } catch (error) {
      progress.clear()
      throw error
    }
  }

  function same(what: string, object: string, expected: string, actual: string): void {
    if (expected !== actual)
      throw new DataLossError(`${object} came back changed: ${what} ${actual}, not ${expected}`, {
        expected,
        actual,
      })
    steps.done(`${what} equal`, expected)
  }
}

/** Somebody made the bucket between our look and our attempt: that is as good. */
function ignoreConflict(error: unknown): void {
  if (!(error instanceof ConflictError)) throw error
}
