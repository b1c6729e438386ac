import type { HttpHeaders, HttpRequest } from '../../protocol/http.ts'
import type { UploadState } from '../upload-store.ts'
import { Attempt } from '../attempt.ts'
import { contentRange } from './content-range.ts'
import type { SessionRequest } from './dialect.ts'
import { googUpload } from './goog-upload.ts'
import type { SessionHost } from './session-plan.ts'

/** Gives up a session of before, as well as that can be done. One that may not be asked is left alone. */
export async function cancelSession(
  { sessionUrl, dialect }: Pick<UploadState, 'sessionUrl' | 'dialect'>,
  start: HttpRequest,
  host: SessionHost,
): Promise<void> {
  try {
    host.guard(sessionUrl)
  } catch {
    return
  }
  const { cancel } = dialect === 'goog-upload' ? googUpload : contentRange
  await tryRequest(requestOf(start, sessionUrl, cancel()), host)
}

/** Sends a request whose answer does not matter. */
export async function tryRequest(request: HttpRequest, host: SessionHost): Promise<void> {
  const attempt = new Attempt({ ...host, stallTimeoutMs: CANCEL_TIMEOUT_MS })
  try {
    await (await attempt.send(request)).body.bytes(MOST_IGNORED_BYTES)
  } catch {
    // The server forgets it by itself, after a week.
  } finally {
    attempt.done()
  }
}

/** A request of a session: with the headers of its beginning, but for those that speak of that request. */
export function requestOf(
  start: HttpRequest,
  url: string,
  { method, headers }: SessionRequest,
  more?: HttpHeaders,
): HttpRequest {
  const kept = Object.entries(start.headers).filter(([name]) => !OF_THE_START.test(name))
  return { method, url, headers: { ...more, ...Object.fromEntries(kept), ...headers } }
}

const CANCEL_TIMEOUT_MS = 2_000
const MOST_IGNORED_BYTES = 65_536
/** Headers of the beginning, which are not those of the bytes. */
const OF_THE_START = /^(content-type|x-upload-content-|x-goog-upload-)/
