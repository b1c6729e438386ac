import { attachUpload, type AttachedUpload, type UploadControl } from './upload-control.ts'

/** The side of a control that the upload looks at: whether it is to stop, and what to break off when it is told so. */
export class UploadHand {
  readonly attached: AttachedUpload | undefined
  aborted: { readonly reason: unknown } | undefined
  #interrupt: (() => void) | undefined
  #settle: () => void = () => {}
  readonly #over: Promise<void>

  constructor(control: UploadControl | undefined) {
    this.#over = new Promise((resolve) => (this.#settle = resolve))
    this.attached =
      control &&
      attachUpload(control, {
        pause: () => this.#interrupt?.(),
        resume: () => this.#interrupt?.(),
        abort: (reason) => {
          this.aborted ??= { reason }
          this.#interrupt?.()
          return this.#over
        },
      })
  }

  get paused(): boolean {
    return this.attached?.paused ?? false
  }

  /** Does something that can be interrupted: `interrupt` is called when the control says something new. */
  async during<T>(interrupt: () => void, work: () => Promise<T>): Promise<T> {
    this.#interrupt = interrupt
    try {
      return await work()
    } finally {
      this.#interrupt = undefined
    }
  }

  /** Until the control says something new. */
  change(): Promise<void> {
    return new Promise((resolve) => (this.#interrupt = resolve))
  }

  /** The upload is over; `tidying` is what `abort()` still waits for. */
  end(state: 'done' | 'failed', tidying?: Promise<void>): void {
    this.attached?.end(state)
    if (tidying) void tidying.finally(this.#settle)
    else this.#settle()
  }
}
