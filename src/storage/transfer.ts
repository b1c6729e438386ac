import type { Client } from '../client.ts'
import { type Problem, ValidationError } from '../errors.ts'
import type { UploadStore } from '../media/upload-store.ts'
import { checkOptionNames } from '../request/option-names.ts'
import type { WebAbortSignal } from '../web-types.ts'
import type { TransferFile, TransferFolder, WebFile } from './transfer/folder.ts'
import type { TransferManifest } from './transfer/manifest.ts'
import type { TransferProgress, TransferRun } from './transfer/result.ts'
import { startRun } from './transfer/run.ts'

/** How many files are moved. Everything has a default. */
export interface TransferOptions {
  /** How many files are under way at the same time, from 1 to 64. Default 8. */
  readonly concurrency?: number | undefined
  /** Keeps what was done, so that the same transfer goes on after a crash: `fileManifest(path)` of `discokit/node`. */
  readonly manifest?: TransferManifest | undefined
  /** Keeps where the uploads of large files stand, so that these go on in the middle. Downloads keep that beside the file. */
  readonly store?: UploadStore | undefined
  /** Whether files that are at the other end already, with the same size and CRC-32C, are left out. Default false. */
  readonly skipUnchanged?: boolean | undefined
  /** Told as the files are moved, of each and of all. */
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined
  /** Stops everything; the summary says what was done until then. */
  readonly signal?: WebAbortSignal | undefined
}

/** Where files go to. */
export interface UploadPlace {
  readonly bucket: string
  /** What is put before the name of each file. Default nothing; a folder ends in `/`. */
  readonly prefix?: string | undefined
  /** Fields of all objects: `cacheControl`, `metadata`, `storageClass`, … */
  readonly metadata?: Readonly<Record<string, unknown>> | undefined
}

/** Which objects come. */
export interface DownloadPlace {
  readonly bucket: string
  /** What their names begin with. As far as its last `/` it is taken off the names of the files. Default: all objects. */
  readonly prefix?: string | undefined
  /** The names of these, in place of a list of the bucket. */
  readonly objects?: readonly string[] | undefined
  /** Whether what is stored as gzip is inflated. Default true. */
  readonly decompress?: boolean | undefined
}

/** Moves many files. */
export interface Transfer {
  /** Uploads a folder, files of a form, or contents with names. Begins when it is awaited or gone through. */
  upload(files: TransferFolder | Iterable<TransferFile | WebFile>, to: UploadPlace): TransferRun
  /** Downloads objects to a folder. Begins when it is awaited or gone through. */
  download(from: DownloadPlace, to: TransferFolder): TransferRun
}

/**
 * Moves many files up or down, some at the same time. A file that fails does not end it: each has its result, and the whole a
 * summary.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { serviceAccount } from 'discokit/auth'
 * import { fileManifest, fileUploadStore, folder } from 'discokit/node'
 * import { createTransfer } from 'discokit/storage'
 *
 * const google = createClient({ auth: serviceAccount({ keyFile: 'key.json' }) })
 * const transfer = createTransfer(google, {
 *   manifest: fileManifest('photos.jsonl'),
 *   store: fileUploadStore('.uploads'),
 * })
 * const summary = await transfer.upload(folder('photos'), { bucket: 'my-photos', prefix: '2026/' })
 * console.log(summary.done, summary.skipped, summary.failed)
 *
 * for await (const { name, outcome } of transfer.download({ bucket: 'my-photos', prefix: '2026/' }, folder('copy'))) {
 *   console.log(name, outcome)
 * }
 * ```
 *
 * @throws {ValidationError} for options that cannot be used.
 */
export function createTransfer(google: Client, options: TransferOptions = {}): Transfer {
  check(options)
  return {
    upload(files, to) {
      checkPlace(to, ['bucket', 'prefix', 'metadata'])
      return startRun(options, async (host) =>
        (await import('./transfer/upload-files.ts')).uploadFiles(google, files, to, host),
      )
    },
    download(from, to) {
      checkPlace(from, ['bucket', 'prefix', 'objects', 'decompress'])
      return startRun(options, async (host) =>
        (await import('./transfer/download-objects.ts')).downloadObjects(google, from, to, host),
      )
    },
  }
}

const WHAT = 'the files cannot be moved'
const OPTIONS: readonly (keyof TransferOptions)[] = [
  'concurrency',
  'manifest',
  'store',
  'skipUnchanged',
  'onProgress',
  'signal',
]

function check(options: TransferOptions): void {
  checkOptionNames(WHAT, options, OPTIONS)
  const { concurrency = 1, manifest, store } = options
  const problems: Problem[] = []
  if (!(Number.isInteger(concurrency) && concurrency >= 1 && concurrency <= 64))
    problems.push({ path: 'concurrency', message: 'must be a whole number from 1 to 64' })
  if (manifest !== undefined && typeof manifest.append !== 'function')
    problems.push({ path: 'manifest', message: 'must be made by fileManifest(path), or have its functions' })
  if (store !== undefined && typeof store.get !== 'function')
    problems.push({ path: 'store', message: 'must be an object with the functions get, set and delete' })
  if (problems.length > 0) throw new ValidationError(WHAT, problems)
}

function checkPlace(place: UploadPlace & DownloadPlace, names: readonly string[]): void {
  checkOptionNames(WHAT, place, names)
  const problems: Problem[] = []
  const { bucket, prefix = '' } = place
  if (typeof bucket !== 'string' || bucket === '')
    problems.push({ path: 'bucket', message: 'must be the name of a bucket' })
  if (typeof prefix !== 'string') problems.push({ path: 'prefix', message: 'must be a text' })
  if (problems.length > 0) throw new ValidationError(WHAT, problems)
}
