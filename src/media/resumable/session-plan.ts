import type { HttpRequest } from '../../protocol/http.ts'
import type { RunningChecksum } from '../checksum.ts'
import type { UploadHand } from '../upload-hand.ts'
import type { AttemptHost } from '../attempt.ts'
import type { Content } from './content.ts'
import type { Dialect } from './dialect.ts'
import type { SessionRecord } from './session-record.ts'
import type { SessionEvent, SessionState } from './session-state.ts'

/** An upload in a session, ready to run. */
export interface SessionPlan {
  /** The method id. */
  readonly id: string
  /** The request that begins the session, headers and metadata and all. */
  readonly start: HttpRequest
  readonly dialect: Dialect
  readonly contentType: string
  readonly content: Content
  readonly checksum: RunningChecksum | undefined
  readonly state: SessionState
  /** The session of before, to go on with. */
  readonly resume: { readonly sessionUrl: string; readonly event: SessionEvent } | undefined
  /** Where it is kept how far the upload is. */
  readonly record: SessionRecord | undefined
}

/** What a session needs of the client. */
export interface SessionHost extends AttemptHost {
  readonly hand: UploadHand
  readonly holdsBodies: boolean
  readonly random: () => number
  /** @throws when the address of a session may not be asked. */
  readonly guard: (sessionUrl: string) => void
  readonly budget: {
    take(url: string, cost: number): boolean
    refill(url: string, amount?: number): void
  }
}
