import type { HttpHeaders } from '../../protocol/http.ts'
import { type AnswerHead, type Dialect, type Meaning, parseCount, type Piece } from './dialect.ts'

/**
 * Resumable uploads as all APIs of discovery documents have them: `uploadType=resumable`, a session address in
 * `Location`, bytes with `Content-Range`, and 308 for what is stored.
 */
export const contentRange: Dialect = {
  name: 'content-range',

  start: ({ contentType, total }) => ({
    'x-upload-content-type': contentType,
    ...(total !== undefined && { 'x-upload-content-length': String(total) }),
  }),

  session({ headers }) {
    const { location } = headers
    return location === undefined ? undefined : { url: location, granularity: undefined }
  },

  send: (piece) => request(rangeOf(piece)),

  query: (total) => request(`bytes */${total ?? '*'}`),

  cancel: () => ({ method: 'DELETE', headers: {} }),

  read({ status, headers }: AnswerHead): Meaning {
    const override = parseCount(headers['x-http-status-code-override'])
    if (status === 308 || (status === 200 && override === 308)) {
      const bytes = storedBytes(headers)
      return bytes === undefined
        ? { type: 'unreadable', what: 'its Range header is not one' }
        : { type: 'stored', bytes }
    }
    if (status === 404 || status === 410) return { type: 'lost' }
    return { type: status >= 200 && status < 300 ? 'completed' : 'failed' }
  },
}

/** Without the second header Google answers 308, which `fetch` takes for a redirect and will not show. */
function request(range: string): { method: string; headers: HttpHeaders } {
  return { method: 'PUT', headers: { 'content-range': range, 'x-guploader-no-308': 'yes' } }
}

function rangeOf({ from, to, total }: Piece): string {
  if (to === undefined) return `bytes ${from}-*/*`
  return to === from ? `bytes */${total ?? '*'}` : `bytes ${from}-${to - 1}/${total ?? '*'}`
}

/** `Range: bytes=0-42` is 43 bytes, and without it there are none. */
function storedBytes({ range }: HttpHeaders): number | undefined {
  if (range === undefined) return 0
  const last = parseCount(/^bytes=0-(\d+)$/i.exec(range.trim())?.[1])
  return last === undefined ? undefined : last + 1
}
