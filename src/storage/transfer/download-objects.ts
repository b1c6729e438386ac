import type { Client } from '../../client.ts'
import { ValidationError } from '../../errors.ts'
import { compareNames } from '../../protocol/name-order.ts'
import { checkedObject, objectsApi, type StoredObject } from '../objects-api.ts'
import type { DownloadPlace } from '../transfer.ts'
import { contentChecksum } from './content-checksum.ts'
import { fileAbove, fileNameProblem } from './file-name.ts'
import type { FolderPlace, TransferFolder } from './folder.ts'
import { listObjects } from './listing.ts'
import { readRecords, type TransferRecord } from './manifest.ts'
import type { Moved, TransferHost, TransferPlan } from './plan.ts'

/** An object, with the file that it becomes or why it cannot. */
interface Thing {
  readonly object: string
  /** Undefined when only its name is known. */
  readonly stored: StoredObject | undefined
  readonly name: string
  readonly problem: string | undefined
}

/** Downloads objects. */
export async function downloadObjects(
  google: Client,
  { bucket, prefix = '', objects, decompress = true }: DownloadPlace,
  folder: TransferFolder,
  { manifest, skipUnchanged = false, signal }: TransferHost,
): Promise<TransferPlan<Thing>> {
  const api = objectsApi(google)
  const records = await readRecords(manifest, { direction: 'download', bucket, prefix })
  const above = prefix.slice(0, prefix.lastIndexOf('/') + 1)

  return {
    direction: 'download',
    bucket,
    namesOf: ({ name, object }) => ({ name, object }),
    async *things() {
      const problemOf = nameProblems(folder)
      const thing = (object: string, stored?: StoredObject): Thing => {
        const outside = !object.startsWith(above)
        const name = outside ? object : object.slice(above.length)
        const isFolder = isPlaceholder(object, stored)
        const problem = outside ? 'does not begin with the prefix' : isFolder ? undefined : problemOf(name)
        return { object, stored, name, problem }
      }
      if (objects) for (const object of [...objects].sort(compareNames)) yield thing(object)
      else
        for await (const stored of listObjects(api, bucket, prefix, signal)) yield thing(stored.name, stored)
    },
    async move({ object, stored: listed, name, problem }, { found, at }): Promise<Moved> {
      if (problem !== undefined) throw refused(name, problem)
      const stored = listed ?? checkedObject(await api.get({ bucket, object }, { signal }), bucket)
      const size = Number(stored.size)
      found(size)
      if (isPlaceholder(object, stored)) return { reason: 'folder' }
      const place = await folder.place(name)
      if (isRecorded(records.get(object), stored, place)) return { reason: 'unchanged' }
      if (skipUnchanged && (await isSame(place, stored)))
        return { reason: 'unchanged', record: recordOf(stored, place) }
      const resume = place.openParts !== undefined && size >= LARGE_BYTES && hasRoomBeside(name)
      const download = api.get.download(
        { bucket, object },
        { signal, decompress, onProgress: ({ received }) => at(received) },
      )
      const saved = await download.to(place, resume ? { resume } : {})
      return { bytes: saved.length, record: recordOf(stored, place) }
    },
  }

  async function isSame(place: FolderPlace, { size, crc32c }: StoredObject): Promise<boolean> {
    const current = place.current()
    if (current?.describe().length !== Number(size) || crc32c === undefined) return false
    return crc32c === (await contentChecksum(current, signal))
  }
}

/** Objects of which it is worth keeping what came, at the cost of two files more. */
const LARGE_BYTES = 8_388_608

/** What is kept beside a file has a longer name than that, of which there are 255 bytes. */
function hasRoomBeside(name: string): boolean {
  return new TextEncoder().encode(name.slice(name.lastIndexOf('/') + 1)).length <= 200
}

/** Consoles make such objects for folders that are empty. */
function isPlaceholder(object: string, stored: StoredObject | undefined): boolean {
  return stored?.size === '0' && object.endsWith('/')
}

/** What is wrong with each of many names, which come in their order. */
function nameProblems(folder: TransferFolder): (name: string) => string | undefined {
  const keys = new Set<string>()
  const aboveOf = fileAbove()
  let before: string | undefined
  return (name) => {
    const problem = fileNameProblem(name)
    if (problem !== undefined) return problem
    if (name === before) return 'is there twice'
    before = name
    const key = folder.keyOf?.(name)
    if (key !== undefined) {
      if (keys.has(key)) return 'is the same file as another name here'
      keys.add(key)
    }
    const above = aboveOf(name)
    return above === undefined ? undefined : `is below '${above}', which is a file`
  }
}

/** Whether an earlier run brought this very object, and the file is still that one. */
function isRecorded(
  record: TransferRecord | undefined,
  { generation }: StoredObject,
  place: FolderPlace,
): boolean {
  if (record?.fingerprint === undefined || record.generation !== generation) return false
  return place.current()?.describe().fingerprint === record.fingerprint
}

function recordOf(
  { size, generation, crc32c }: StoredObject,
  place: FolderPlace,
): NonNullable<Moved['record']> {
  const fingerprint = place.current()?.describe().fingerprint
  return {
    size: Number(size),
    generation,
    ...(crc32c !== undefined && { crc32c }),
    ...(fingerprint !== undefined && { fingerprint }),
  }
}

function refused(name: string, message: string): ValidationError {
  return new ValidationError('the object cannot become a file', [{ path: name, message }])
}
