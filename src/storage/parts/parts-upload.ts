import { DataLossError, PreconditionFailedError } from '../../errors.ts'
import { OCTET_STREAM } from '../../media/content-type.ts'
import { createUploadControl, type UploadControl } from '../../media/upload-control.ts'
import type { MediaDescription, MediaSource } from '../../request/media-input.ts'
import { onAbort } from '../../transport/shared-signal.ts'
import { inParallel } from '../in-parallel.ts'
import type { ObjectsApi, StoredObject } from '../objects-api.ts'
import type { UploadInPartsOptions } from '../upload-in-parts.ts'
import { type Component, componentOf, lengthOf } from './component.ts'
import { composeObjects, timeOf } from './compose-objects.ts'
import { composeTree } from './compose-tree.ts'
import { findParts, isPart, nameOfUpload } from './kept-parts.ts'
import { partOf } from './part-of.ts'
import { partsProgress } from './parts-progress.ts'
import { removeObjects } from './remove-objects.ts'

/** Of what is temporary. */
const PLAIN = { contentType: OCTET_STREAM }

/** One upload in parts, with the names of what is temporary. */
export class PartsUpload {
  readonly #api: ObjectsApi
  readonly #options: UploadInPartsOptions
  readonly #source: MediaSource
  readonly #description: MediaDescription
  /** Temporary objects that there are, or may be. */
  readonly #parts = new Set<string>()
  readonly #joined = new Set<string>()
  readonly #controls = new Set<UploadControl>()
  #id: string = crypto.randomUUID()
  /** What an earlier call left. */
  #kept: ReadonlyMap<string, StoredObject> = new Map()
  #stopped: { readonly reason: unknown } | undefined
  /** When the newest part came to be, by the server's clock. */
  #newestMs = 0

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
    const { signal, bucket, onLeftBehind, resume = false } = this.#options
    const listenNoMore = signal && onAbort(signal, (reason) => this.#stop(reason))
    let keep = resume
    try {
      if (resume) await this.#findParts(partBytes)
      const parts = await this.#uploadParts(length, partBytes)
      this.#checkUnchanged()
      const joined = await composeTree(parts, (group) => this.#joinGroup(group))
      this.#check()
      const counted = { count: parts.length, newestMs: this.#newestMs }
      const stored = await composeObjects(this.#api, joined, { ...this.#options, metadata, parts: counted })
      keep = false
      return stored
    } catch (error) {
      // What is wrong with the content, or with what is there, would be so again.
      if (error instanceof DataLossError || error instanceof PreconditionFailedError) keep = false
      throw error
    } finally {
      listenNoMore?.()
      const temporary = keep ? this.#joined : [...this.#parts, ...this.#joined]
      const left = await removeObjects(this.#api, bucket, temporary)
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

  async #findParts(partBytes: number): Promise<void> {
    this.#id = await nameOfUpload(this.#options, this.#description, partBytes)
    this.#kept = await findParts(this.#api, this.#options, this.#nameOf('part-'))
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
          name: this.#nameOf(`part-${index}`),
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

  #nameOf(ending: string): string {
    return `${this.#options.partPrefix ?? '.discokit-parts/'}${this.#id}-${ending}`
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
    this.#parts.add(name)
    const kept = this.#kept.get(name)
    if (kept && (await isPart(kept, media, length))) {
      this.#check()
      this.#newestMs = Math.max(this.#newestMs, timeOf(kept))
      onProgress({
        sent: length,
        acknowledged: length,
        total: length,
        bytesPerSecond: undefined,
        remainingMs: 0,
      })
      return componentOf(kept, length)
    }
    if (kept) await removeObjects(this.#api, bucket, [name])
    // In a session even when it is small: a part whose answer was lost is found again there, and comes to be once.
    const stored = await this.#api.insert(
      { bucket, name, ifGenerationMatch: 0, media, body: PLAIN },
      { upload: { kind: 'resumable', control }, onProgress },
    )
    this.#newestMs = Math.max(this.#newestMs, timeOf(stored))
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
    const { bucket, signal } = this.#options
    const object = this.#nameOf(`joined-${this.#joined.size}`)
    this.#joined.add(object)
    const stored = await composeObjects(this.#api, group, { bucket, object, metadata: PLAIN, signal })
    return componentOf(stored, lengthOf(group))
  }
}
