import type { HttpRequest } from 'discokit'
import { streamOf } from './spoiled-body.ts'

/** What can go wrong with a request and its answer. */
export type Fault =
  /** A status to try again, before the server saw anything; or when it had a part of the content. */
  | 'status'
  | 'status-within'
  /** Nobody listens; the connection breaks before the server saw anything, within the content, or after the work was done. */
  | 'refused'
  | 'reset-before'
  | 'reset-within'
  | 'reset-after'
  /** Nothing comes any more: at once, within the content, after the work was done, within the answer. */
  | 'stall'
  | 'stall-within'
  | 'stall-after'
  | 'stall-answer'
  /** A bit of the content changes on its way. */
  | 'corrupt-content'
  | 'corrupt-answer'
  /** The answer breaks off with an error, or without; it is no JSON. */
  | 'cut'
  | 'short'
  | 'garble'
  /** The server forgets the session, or somebody says something wrong of what it has. */
  | 'lose-session'
  | 'lie-of-range'
  /** A range is not obeyed, or not the one that was asked for. */
  | 'ignore-range'
  | 'shift-range'

/** Which of the rarer faults a case can be judged after. */
export interface Tolerance {
  /** Stalls end: there is a time limit. */
  readonly stalls: boolean
  /** Changed bytes are noticed: there is a checksum of all of them. */
  readonly corruption: boolean
}

/** The faults that a request can meet; common ones several times. */
export function possibleFaults(request: HttpRequest, { stalls, corruption }: Tolerance): readonly Fault[] {
  const { method, url, headers } = request
  const content = streamOf(request) !== undefined
  const inSession = /[?&]upload_id=/.test(url)
  const isDownload = method === 'GET'
  return [
    ...of(3, 'status', 'reset-before'),
    ...of(2, 'refused', 'cut'),
    ...of(4, ...(isDownload ? (['cut', 'short'] as const) : (['reset-after'] as const))),
    ...(stalls ? of(1, 'stall', 'stall-after', 'stall-answer') : []),
    ...(content ? of(5, 'reset-within', 'status-within') : []),
    ...(content && stalls ? of(1, 'stall-within') : []),
    ...(content && corruption ? of(1, 'corrupt-content') : []),
    ...(isDownload && corruption ? of(1, 'corrupt-answer') : []),
    ...(isDownload && 'range' in headers ? of(1, 'ignore-range', 'shift-range') : []),
    ...(isDownload ? [] : of(1, 'garble')),
    ...(inSession ? of(1, 'lose-session') : []),
    ...(inSession && corruption ? of(1, 'lie-of-range') : []),
  ]
}

function of(times: number, ...faults: readonly Fault[]): Fault[] {
  return Array.from({ length: times }, () => faults).flat()
}
