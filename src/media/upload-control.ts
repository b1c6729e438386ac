import type { UploadProgress } from './progress.ts'

/** The hand on one upload: it can be stopped, go on, or be given up for good. */
export interface UploadControl {
  /**
   * Stops: the connection is closed, and what was on its way may or may not arrive. Before it goes on the server is
   * asked what it has. Only resumable uploads stop in the middle; others do before they begin.
   */
  pause(): void
  resume(): void
  /**
   * Gives up: the call fails with the reason, the session is cancelled at the server, and the state is taken out of
   * the store. Fulfilled when that is done. An `AbortSignal` ends the call too, but leaves session and state, so that
   * the upload can go on later.
   */
  abort(reason?: unknown): Promise<void>
  readonly state: UploadControlState
  /** The progress, from now to the end. A reader that is slow gets the latest. */
  progress(): AsyncIterable<UploadProgress>
}

/** Where an upload is. */
export type UploadControlState = 'waiting' | 'running' | 'paused' | 'done' | 'failed'

/** What the upload does with its control. */
export interface UploadListener {
  pause(): void
  resume(): void
  /** Fulfilled when the session is cancelled. */
  abort(reason: unknown): Promise<void>
}

/**
 * Makes the control of one upload.
 *
 * ```ts
 * import { createUploadControl } from 'discokit/media'
 * import { file } from 'discokit/node'
 *
 * const control = createUploadControl()
 * const upload = storage.objects.insert({ bucket, name: 'v.mp4', media: file('v.mp4') }, { upload: { control } })
 * for await (const { acknowledged, total } of control.progress()) console.log(acknowledged, total)
 * await upload
 * ```
 */
export function createUploadControl(): UploadControl {
  return new Control()
}

/** Whether something was made by `createUploadControl()`. */
export function isUploadControl(value: unknown): value is UploadControl {
  return value instanceof Control
}

/** The side of the control that the upload has. */
export function attachUpload(control: UploadControl, listener: UploadListener): AttachedUpload | undefined {
  return control instanceof Control ? control.attach(listener) : undefined
}

/** What an upload tells its control. */
export interface AttachedUpload {
  /** Whether it is to stop, before it began or now. */
  readonly paused: boolean
  tell(progress: UploadProgress): void
  end(state: 'done' | 'failed'): void
}

class Control implements UploadControl {
  #state: UploadControlState = 'waiting'
  #paused = false
  #listener: UploadListener | undefined
  #aborted: { reason: unknown } | undefined
  #latest: UploadProgress | undefined
  readonly #readers = new Set<() => void>()

  get state(): UploadControlState {
    return this.#paused && (this.#state === 'running' || this.#state === 'waiting') ? 'paused' : this.#state
  }

  pause(): void {
    if (this.#paused) return
    this.#paused = true
    this.#listener?.pause()
  }

  resume(): void {
    if (!this.#paused) return
    this.#paused = false
    this.#listener?.resume()
  }

  async abort(reason: unknown = new DOMException('the upload was aborted', 'AbortError')): Promise<void> {
    this.#aborted ??= { reason }
    await this.#listener?.abort(reason)
  }

  async *progress(): AsyncGenerator<UploadProgress, void, undefined> {
    let given: UploadProgress | undefined
    for (;;) {
      if (this.#latest !== undefined && this.#latest !== given) yield (given = this.#latest)
      else if (this.#state === 'done' || this.#state === 'failed') return
      else {
        let wake: () => void = () => {}
        const told = new Promise<void>((resolve) => (wake = resolve))
        this.#readers.add(wake)
        await told
        this.#readers.delete(wake)
      }
    }
  }

  /** The call failed before the upload had its control: whoever follows it is told. */
  endUnattached(): void {
    if (this.#listener !== undefined) return
    this.#state = 'failed'
    this.#wake()
  }

  attach(listener: UploadListener): AttachedUpload {
    if (this.#listener !== undefined || this.#state === 'failed')
      throw new TypeError('an upload control serves one upload; make another')
    this.#listener = listener
    this.#state = 'running'
    const isPaused = (): boolean => this.#paused
    if (this.#aborted) void listener.abort(this.#aborted.reason)
    return {
      get paused() {
        return isPaused()
      },
      tell: (progress) => {
        this.#latest = progress
        this.#wake()
      },
      end: (state) => {
        if (this.#state === 'running') this.#state = state
        this.#wake()
      },
    }
  }

  #wake(): void {
    for (const wake of this.#readers) wake()
  }
}
