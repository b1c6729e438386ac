import type { Failure, RetryPolicy } from '../../transport/retry-decision.ts'

/** What is known of an upload before its session begins, and does not change. */
export interface SessionFacts {
  /** The bytes of one request; undefined: everything in one. */
  readonly chunkBytes: number | undefined
  /** Whether the content can be read again from its beginning. */
  readonly replayable: boolean
  /** Whether the last bytes go in a request of their own, which declares the checksum of all. */
  readonly declares: boolean
  /**
   * Whether somebody else may go on with the same session: its state is in a store. Then the server may have more than
   * this program sent.
   */
  readonly shared: boolean
  readonly policy: Pick<RetryPolicy, 'maxAttempts' | 'baseDelayMs' | 'maxDelayMs'>
}

/** Where a session stands, as far as this side knows. Plain data. */
export interface SessionState {
  readonly facts: SessionFacts
  /** Bytes in all; undefined as long as the content does not say. */
  readonly total: number | undefined
  /** Whether the server has named a session. */
  readonly begun: boolean
  /** What every chunk but the last is a multiple of. */
  readonly granularity: number
  /** Bytes that the server has said it has. */
  readonly acknowledged: number
  /** The end of the bytes that were ever handed to a connection of this session. */
  readonly sent: number
  /** In a row, without progress between them. */
  readonly failures: number
  /** How often the server, asked, had more than was sent. In a row. */
  readonly overshoots: number
  readonly restarts: number
  /** Whether this program began the session or has sent something to it: from then on it knows what went out. */
  readonly own: boolean
  /** Whether the server says that it has what this program, since then, did not send: somebody else did, or nobody. */
  readonly foreign: boolean
  /** Whether bytes went out of which nobody has said what became of them. */
  readonly pending: boolean
  /** Whether the last request was a question. */
  readonly asked: boolean
  readonly ended: boolean
}

/** What came back, or happened. `sent` and `total` tell of the request that it is the end of. */
export type SessionEvent = (
  | { readonly type: 'begin' }
  /** A session of before is gone on with. */
  | { readonly type: 'continue'; readonly acknowledged: number; readonly granularity: number }
  | { readonly type: 'started'; readonly granularity: number | undefined }
  /** The server has so many bytes from the beginning on. */
  | { readonly type: 'stored'; readonly bytes: number; readonly random: number; readonly now: number }
  | { readonly type: 'completed' }
  /** The server took the request and did not say what it has. */
  | { readonly type: 'unclear'; readonly random: number; readonly now: number }
  /** Nobody knows what the server has: no answer, or one that says to try again. */
  | { readonly type: 'doubt'; readonly failure: Failure; readonly random: number; readonly now: number }
  /** The wait is over. */
  | { readonly type: 'waited' }
  /** The server does not know the session. */
  | { readonly type: 'lost'; readonly rewindable: boolean }
  /** The server does not want it: no use in trying again. */
  | { readonly type: 'refused' }
  | { readonly type: 'paused' }
  | { readonly type: 'cancel' }
) & { readonly sent?: number; readonly total?: number | undefined }

/** What to do next. */
export type SessionAction =
  | { readonly type: 'start' }
  /** The bytes from `from` to before `to`; undefined: to the end, wherever that is. */
  | { readonly type: 'send'; readonly from: number; readonly to: number | undefined }
  /** Ask what the server has. */
  | { readonly type: 'query' }
  | { readonly type: 'wait'; readonly delayMs: number }
  /** Until somebody says to go on. */
  | { readonly type: 'rest' }
  | { readonly type: 'cancel' }
  | { readonly type: 'done' }
  | { readonly type: 'fail'; readonly why: SessionFailure }

/**
 * Why an upload failed: tries used up, refused, session lost; the stored range `shrank`, is `beyond` what was sent, or
 * the server called it complete too `early`.
 */
export type SessionFailure = 'exhausted' | 'refused' | 'lost' | 'shrank' | 'beyond' | 'early'
