/** What became of one file. */
export interface TransferResult {
  /** Of the file, with `/` between its parts. */
  readonly name: string
  readonly object: string
  readonly outcome: 'done' | 'skipped' | 'failed'
  /** Why it was skipped: both ends have the same, it is no file, or what a download keeps beside its place. */
  readonly reason?: 'unchanged' | 'folder' | 'link' | 'not a file' | 'temporary'
  /** Why it failed. */
  readonly error?: unknown
  /** Bytes that were moved; 0 unless it is done. */
  readonly bytes: number
}

/** What became of all files. */
export interface TransferSummary {
  readonly done: number
  readonly skipped: number
  readonly failed: number
  /** Bytes of the files that are done. */
  readonly bytes: number
  /** Whether it ended before its end: by its signal, or because the loop over it was left. */
  readonly aborted: boolean
  /** The results of those that failed, the first hundred of them. */
  readonly failures: readonly TransferResult[]
}

/** How far a transfer is. */
export interface TransferProgress {
  /** The file that there is something new of. */
  readonly file: { readonly name: string; readonly bytes: number; readonly total: number | undefined }
  /** Bytes moved of all files. May go back when some have to be moved again. */
  readonly bytes: number
  /** Files and bytes in all, as soon as every file was found. */
  readonly total: { readonly files: number; readonly bytes: number } | undefined
  readonly done: number
  readonly skipped: number
  readonly failed: number
}

/**
 * A transfer: await it for the summary, or go through the results as they come and await it then. It begins with the first of
 * these. Leaving the loop ends it. Rejects only for what concerns all files: a folder or a bucket that is not there.
 */
export interface TransferRun extends AsyncIterable<TransferResult>, PromiseLike<TransferSummary> {}
