import type { Client } from '../../client.ts'
import { DataLossError, ParseError, PreconditionFailedError, ValidationError } from '../../errors.ts'
import { contentTypeOf, OCTET_STREAM } from '../../media/content-type.ts'
import { toMediaSource } from '../../media/media-source.ts'
import { createUploadControl, type UploadControl } from '../../media/upload-control.ts'
import { combineCrc32c, formatCrc32c, parseCrc32c } from '../../protocol/crc32c.ts'
import type { MediaDescription, MediaSource } from '../../request/media-input.ts'
import { onAbort } from '../../transport/shared-signal.ts'
import { inParallel } from '../in-parallel.ts'
import { type ObjectsApi, objectsApi, type StoredObject } from '../objects-api.ts'
import type { UploadInPartsOptions } from '../upload-in-parts.ts'
import { type Component, composeTree } from './compose-tree.ts'
import { partOf } from './part-of.ts'
import { partsProgress } from './parts-progress.ts'
import { removeObjects } from './remove-objects.ts'

/** Uploads a content in parts, or at once when it is no larger than one. */
export async function runParts(google: Client, options: UploadInPartsOptions): Promise<StoredObject> {
  const { bucket, object, ifGenerationMatch, onProgress, signal } = options
  signal?.throwIfAborted()
  const api = objectsApi(google)
  const source = toMediaSource(options.media)
  const description = source.describe()
  const { length } = description
  if (length === undefined || !description.seekable || !description.replayable) {
    const message =
      'must have a known length and be readable from any place, such as file(path); upload it as usual'
    throw new ValidationError('the content cannot be uploaded in parts', [{ path: 'media', message }])
  }
  const metadata = await metadataOf(options, description)
  const partBytes = options.partBytes ?? Math.max(PART_BYTES, Math.ceil(length / MOST_PARTS))
  if (length > partBytes) {
    return new PartsUpload(api, options, source, description).run(length, partBytes, metadata)
  }
  return api.insert(
    { bucket, name: object, ifGenerationMatch, media: source, body: metadata },
    { ...(onProgress && { onProgress }), ...(signal && { signal }) },
  )
}

const PART_BYTES = 33_554_432
const MOST_PARTS = 1_024
/** For what is tidied up after a failure. */
const ANY_TIMES = { retry: { idempotent: true } }

async function metadataOf(
  { object, metadata, contentType }: UploadInPartsOptions,
  description: MediaDescription,
): Promise<Readonly<Record<string, unknown>>> {
  const type = contentType ?? metadata?.['contentType'] ?? description.contentType
  return {
    ...metadata,
    contentType: type ?? (await contentTypeOf([description.name, object])) ?? OCTET_STREAM,
  }
}

/** One upload in parts, with the names of what is temporary. */
class PartsUpload {
  readonly #api: ObjectsApi
  readonly #options: UploadInPartsOptions
  readonly #source: MediaSource
  readonly #description: MediaDescription
  /** Temporary objects that there are, or may be. */
  readonly #temporary = new Set<string>()
  readonly #controls = new Set<UploadControl>()
  readonly #id = crypto.randomUUID()
  #stopped: { readonly reason: unknown } | undefined
  /** When the newest part came to be, by the server's clock. */
  #newest = 0

  constructor(
    api: ObjectsApi,
    options: UploadInPartsOptions,
    source: MediaSource,
    description: MediaDescription,
  ) {
    this.#api = api
    this.#options = options
    this.#source = source
    this.#description = description
  }

  async run(
    length: number,
    partBytes: number,
    metadata: Readonly<Record<string, unknown>>,
  ): Promise<StoredObject> {
    const { signal, bucket, onLeftBehind } = this.#options
    const listenNoMore = signal && onAbort(signal, (reason) => this.#stop(reason))
    try {
      const parts = await this.#uploadParts(length, partBytes)
      this.#checkUnchanged()
      const joined = await composeTree(parts, (group) => this.#joinGroup(group))
      this.#check()
      return await this.#joinAll(joined, parts.length, metadata)
    } finally {
      listenNoMore?.()
      const left = await removeObjects(this.#api, bucket, this.#temporary)
      if (left.length > 0) onLeftBehind?.(left)
    }
  }

  /** Ends what is under way; sessions are given up at the server too, so that no part comes after the tidying. */
  #stop(reason: unknown): void {
    this.#stopped ??= { reason }
    for (const control of this.#controls) control.abort(reason).catch(() => {})
  }

  #check(): void {
    if (this.#stopped) throw this.#stopped.reason
  }

  async #uploadParts(length: number, partBytes: number): Promise<readonly Component[]> {
    const progressOf = partsProgress(length, this.#options.onProgress)
    const uploadPart = async (index: number): Promise<Component> => {
      this.#check()
      const first = index * partBytes
      const end = Math.min(length, first + partBytes)
      const control = createUploadControl()
      this.#controls.add(control)
      try {
        return await this.#uploadPart(partOf(this.#source, first, end), end - first, {
          name: this.#temporaryName(`part-${index}`),
          control,
          onProgress: progressOf(index),
        })
      } catch (error) {
        this.#stop(error)
        throw error
      } finally {
        this.#controls.delete(control)
      }
    }
    const parts: Component[] = []
    const indices = Array.from({ length: Math.ceil(length / partBytes) }, (_, index) => index)
    const upload = async (index: number): Promise<void> => void (parts[index] = await uploadPart(index))
    const { concurrency = 4 } = this.#options
    for await (const _ of inParallel(indices, concurrency, upload, () => {}));
    return parts
  }

  #temporaryName(ending: string): string {
    const name = `${this.#options.partPrefix ?? '.discokit-parts/'}${this.#id}-${ending}`
    this.#temporary.add(name)
    return name
  }

  async #uploadPart(
    media: MediaSource,
    length: number,
    {
      name,
      control,
      onProgress,
    }: {
      name: string
      control: UploadControl
      onProgress: NonNullable<UploadInPartsOptions['onProgress']>
    },
  ): Promise<Component> {
    const { bucket } = this.#options
    // In a session even when it is small: a part whose answer was lost is found again there, and comes to be once.
    const stored = await this.#api.insert(
      { bucket, name, ifGenerationMatch: 0, media, body: { contentType: OCTET_STREAM } },
      { upload: { kind: 'resumable', control }, onProgress },
    )
    this.#newest = Math.max(this.#newest, timeOf(stored))
    return componentOf(stored, length)
  }

  /** What was read of the content at different times must be of one content. */
  #checkUnchanged(): void {
    const { length, fingerprint } = this.#description
    const now = this.#source.describe()
    if (now.length === length && now.fingerprint === fingerprint) return
    throw new DataLossError(
      `the content changed while it was sent: it had ${length} bytes before, and has ${now.length} now; nothing was stored`,
      { expected: String(length), actual: String(now.length) },
    )
  }

  async #joinGroup(group: readonly Component[]): Promise<Component> {
    this.#check()
    const name = this.#temporaryName(`joined-${this.#temporary.size}`)
    const length = lengthOf(group)
    const component = componentOf(
      await this.#compose(group, { destinationObject: name, metadata: { contentType: OCTET_STREAM } }),
      length,
    )
    checkSame(name, component.crc32c, checksumOf(group))
    return component
  }

  async #joinAll(
    components: readonly Component[],
    count: number,
    metadata: Readonly<Record<string, unknown>>,
  ): Promise<StoredObject> {
    const { bucket, object, ifGenerationMatch, signal } = this.#options
    const crc32c = checksumOf(components)
    const length = lengthOf(components)
    let stored: StoredObject
    try {
      stored = await this.#compose(components, { destinationObject: object, ifGenerationMatch, metadata })
    } catch (error) {
      if (!(error instanceof PreconditionFailedError)) throw error
      // The answer to a first try may have been lost: then the precondition fails because the object is there.
      const now = await this.#api.get({ bucket, object }, signal && { signal }).catch(() => undefined)
      const isOurs =
        now?.size === String(length) && now.componentCount === count && timeOf(now) >= this.#newest
      if (!isOurs || parseCrc32c(now.crc32c ?? '') !== crc32c) throw error
      stored = now
    }
    checkSame(object, componentOf(stored, length).crc32c, crc32c)
    return stored
  }

  /** Composing twice gives the same, so it is tried again like a read. */
  #compose(
    components: readonly Component[],
    {
      destinationObject,
      ifGenerationMatch,
      metadata,
    }: Pick<UploadInPartsOptions, 'ifGenerationMatch'> & { destinationObject: string; metadata: object },
  ): PromiseLike<StoredObject> {
    const { bucket, signal } = this.#options
    const sourceObjects = components.map(({ name, generation }) => ({ name, generation }))
    return this.#api.compose(
      {
        destinationBucket: bucket,
        destinationObject,
        ifGenerationMatch,
        body: { sourceObjects, destination: metadata },
      },
      { ...ANY_TIMES, ...(signal && { signal }) },
    )
  }
}

function timeOf({ timeCreated = '' }: StoredObject): number {
  return Date.parse(timeCreated) || 0
}

/** @throws {ParseError} when the answer does not say what is needed of a part. */
function componentOf({ name, generation, size, crc32c }: StoredObject, length: number): Component {
  const checksum = parseCrc32c(crc32c ?? '')
  if (checksum === undefined || typeof generation !== 'string' || size !== String(length)) {
    throw new ParseError(`uploadInParts: the answer does not tell generation, size and CRC-32C of ${name}`, {
      status: 200,
      contentType: 'application/json',
    })
  }
  return { name, generation, crc32c: checksum, length }
}

function lengthOf(components: readonly Component[]): number {
  return components.reduce((sum, { length }) => sum + length, 0)
}

function checksumOf(components: readonly Component[]): number {
  return components.reduce((crc, component) => combineCrc32c(crc, component.crc32c, component.length), 0)
}

function checkSame(name: string, actual: number, expected: number): void {
  if (actual === expected) return
  const [theirs, ours] = [formatCrc32c(actual), formatCrc32c(expected)]
  throw new DataLossError(
    `uploadInParts: ${name} is not what was sent: its CRC-32C is ${theirs}, and that of its parts ${ours}; replace or delete it`,
    { expected: ours, actual: theirs },
  )
}
