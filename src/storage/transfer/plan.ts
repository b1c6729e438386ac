import type { WebAbortSignal } from '../../web-types.ts'
import type { TransferOptions } from '../transfer.ts'
import type { TransferRecord } from './manifest.ts'
import type { TransferResult } from './result.ts'

/** What moves the files. */
export interface TransferPlan<Thing> {
  readonly direction: TransferRecord['direction']
  readonly bucket: string
  things(): AsyncIterable<Thing>
  /** Moves one. What it throws is the failure of that one. */
  move(thing: Thing, moving: Moving): Promise<Moved>
  /** Names of a thing, for its result. */
  namesOf(thing: Thing): { readonly name: string; readonly object: string }
}

/** What moving one file tells of. */
export interface Moving {
  /** How long it is, as soon as that is known. */
  found(bytes: number | undefined): void
  /** How far it is. */
  at(bytes: number): void
}

/** A file that was moved or did not have to be. */
export interface Moved {
  readonly reason?: TransferResult['reason']
  readonly bytes?: number
  /** What the manifest is to keep of it. */
  readonly record?: Pick<TransferRecord, 'size' | 'generation' | 'crc32c' | 'fingerprint'> | undefined
}

/** What the plan may use. */
export interface TransferHost extends Pick<TransferOptions, 'manifest' | 'store' | 'skipUnchanged'> {
  readonly signal: WebAbortSignal
}
