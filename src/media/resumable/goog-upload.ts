import type { HttpHeaders } from '../../protocol/http.ts'
import { type AnswerHead, type Dialect, type Meaning, parseCount, type SessionRequest } from './dialect.ts'

/**
 * Resumable uploads with `X-Goog-Upload-*` headers: commands by POST, and a granularity that the server names. An
 * answer without `X-Goog-Upload-Status` says nothing of the session, whatever its status.
 */
export const googUpload: Dialect = {
  name: 'goog-upload',

  start: ({ contentType, total }) => ({
    'x-goog-upload-protocol': 'resumable',
    'x-goog-upload-command': 'start',
    'x-goog-upload-header-content-type': contentType,
    ...(total !== undefined && { 'x-goog-upload-header-content-length': String(total) }),
  }),

  session({ headers }) {
    const url = headers['x-goog-upload-url']
    const granularity = parseCount(headers['x-goog-upload-chunk-granularity'])
    return url === undefined ? undefined : { url, granularity }
  },

  send({ from, to, total }) {
    const isLast = to === undefined || to === total
    if (to === from) return isLast ? command('finalize') : command('query')
    return command(isLast ? 'upload, finalize' : 'upload', { 'x-goog-upload-offset': String(from) })
  },

  query: () => command('query'),

  cancel: () => command('cancel'),

  read({ status, headers }: AnswerHead): Meaning {
    const said = headers['x-goog-upload-status']?.toLowerCase()
    if (said === 'final') return { type: status >= 200 && status < 300 ? 'completed' : 'failed' }
    if (said === 'cancelled' || status === 404 || status === 410) return { type: 'lost' }
    if (status < 200 || status >= 300) return { type: 'failed' }
    if (said !== 'active') return { type: 'unreadable', what: 'it does not say what became of the session' }
    const received = headers['x-goog-upload-size-received']
    if (received === undefined) return { type: 'unclear' } // the answer to bytes need not say it
    const bytes = parseCount(received)
    return bytes === undefined
      ? { type: 'unreadable', what: 'the size received is no number' }
      : { type: 'stored', bytes }
  },
}

function command(name: string, headers: HttpHeaders = {}): SessionRequest {
  return { method: 'POST', headers: { 'x-goog-upload-command': name, ...headers } }
}
