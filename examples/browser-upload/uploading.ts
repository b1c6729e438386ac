/** How far an upload is. */
export interface Progress {
  /** Bytes that are there. */
  readonly done: number
  readonly total: number
  readonly bytesPerSecond: number | undefined
}

/** An upload under way. */
export interface Uploading {
  /** Rejects with an error whose message is for people. */
  readonly done: Promise<void>
  cancel(): void
  /** Of uploads that can be paused. */
  readonly pause?: () => void
  readonly resume?: () => void
}
