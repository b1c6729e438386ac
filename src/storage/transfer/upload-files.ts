import type { Client } from '../../client.ts'
import { ValidationError } from '../../errors.ts'
import { toMediaSource } from '../../media/media-source.ts'
import { compareNames } from '../../protocol/name-order.ts'
import type { MediaDescription, MediaSource } from '../../request/media-input.ts'
import { objectNameProblem } from '../bucket-address.ts'
import { checkedObject, objectsApi, type StoredObject } from '../objects-api.ts'
import type { UploadPlace } from '../transfer.ts'
import { contentChecksum } from './content-checksum.ts'
import { type FolderFile, TEMPORARY, type TransferFile, type TransferFolder, type WebFile } from './folder.ts'
import { listObjects, withObjects } from './listing.ts'
import { readRecords, type TransferRecord } from './manifest.ts'
import type { Moved, TransferHost, TransferPlan } from './plan.ts'

/** A file, and the object that is there already, as far as somebody looked. */
type Thing = readonly [FolderFile, StoredObject | undefined]

/** Uploads files. */
export async function uploadFiles(
  google: Client,
  files: TransferFolder | Iterable<TransferFile | WebFile>,
  { bucket, prefix = '', metadata }: UploadPlace,
  { manifest, store, skipUnchanged = false, signal }: TransferHost,
): Promise<TransferPlan<Thing>> {
  const api = objectsApi(google)
  const records = await readRecords(manifest, { direction: 'upload', bucket, prefix })
  const found = 'files' in files ? files.files() : inOrder(files)

  return {
    direction: 'upload',
    bucket,
    namesOf: ([{ name }]) => ({ name, object: prefix + name }),
    things() {
      if (!skipUnchanged) return alone(found)
      return withObjects(found, ({ name }) => prefix + name, listObjects(api, bucket, prefix, signal))
    },
    async move([{ name, media, leftOut, error }, stored], { found: foundBytes, at }): Promise<Moved> {
      if (leftOut) return { reason: leftOut }
      if (TEMPORARY.test(name)) return { reason: 'temporary' }
      if (media === undefined) throw error
      const object = prefix + name
      const problem = objectNameProblem(object)
      if (problem !== undefined) throw refused(name, problem)
      const description = media.describe()
      const { length, fingerprint } = description
      foundBytes(length)
      if (isRecorded(records.get(object), description, skipUnchanged, stored)) return { reason: 'unchanged' }
      if (stored && length === Number(stored.size) && (await hasChecksum(media, description, stored)))
        return { reason: 'unchanged', record: recordOf(stored, fingerprint) }
      const kept = store !== undefined && (length ?? Infinity) >= LARGE_BYTES
      const made = await api.insert(
        { bucket, name: object, media, ...(metadata && { body: metadata }) },
        {
          signal,
          // The same bytes again do no harm.
          retry: { idempotent: true },
          onProgress: ({ sent }) => at(sent),
          ...(kept && { upload: { store } }),
        },
      )
      return { bytes: Number(made.size), record: recordOf(checkedObject(made, bucket), fingerprint) }
    },
  }

  /** Only what can be read twice is read to compare it. */
  async function hasChecksum(
    media: MediaSource,
    { replayable }: MediaDescription,
    { crc32c }: StoredObject,
  ): Promise<boolean> {
    return replayable && crc32c !== undefined && crc32c === (await contentChecksum(media, signal))
  }
}

/** Files of which it is worth keeping where they stand. */
const LARGE_BYTES = 8_388_608

/** Whether an earlier run moved this very content, and the object is still that one, where the bucket was looked at. */
function isRecorded(
  record: TransferRecord | undefined,
  { length, fingerprint }: MediaDescription,
  looked: boolean,
  stored: StoredObject | undefined,
): boolean {
  if (record?.fingerprint === undefined || record.fingerprint !== fingerprint || record.size !== length)
    return false
  return !looked || record.generation === stored?.generation
}

function recordOf(
  { size, generation, crc32c }: StoredObject,
  fingerprint: string | undefined,
): NonNullable<Moved['record']> {
  return {
    size: Number(size),
    generation,
    ...(crc32c !== undefined && { crc32c }),
    ...(fingerprint !== undefined && { fingerprint }),
  }
}

async function* alone(files: AsyncIterable<FolderFile>): AsyncGenerator<Thing, void, undefined> {
  for await (const file of files) yield [file, undefined]
}

/** Files that were given one by one. */
async function* inOrder(
  files: Iterable<TransferFile | WebFile>,
): AsyncGenerator<FolderFile, void, undefined> {
  const named = Array.from(files, (file, index): TransferFile => {
    if (typeof file === 'object' && 'media' in file) return file
    if (typeof file?.stream !== 'function')
      throw new ValidationError('the files cannot be moved', [
        { path: `files[${index}]`, message: 'must be a File, or have name and media' },
      ])
    return { name: file.webkitRelativePath || file.name, media: file }
  })
  named.sort((a, b) => compareNames(a.name, b.name))
  let before: string | undefined
  for (const { name, media } of named) {
    yield name === before ? { name, error: refused(name, 'is there twice') } : toFolderFile(name, media)
    before = name
  }
}

function toFolderFile(name: string, media: TransferFile['media']): FolderFile {
  try {
    return { name, media: toMediaSource(media) }
  } catch (error) {
    return { name, error }
  }
}

function refused(name: string, message: string): ValidationError {
  return new ValidationError('the file cannot be uploaded', [{ path: name, message }])
}
