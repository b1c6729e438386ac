import type { HttpHeaders } from '../protocol/http.ts'

/** Path and query with the values of secret parameters hidden. */
export function hideQuerySecrets(target: string): string {
  const start = target.indexOf('?')
  if (start < 0) return target
  const pairs = target.slice(start + 1).split('&')
  return `${target.slice(0, start)}?${pairs.map(hideValue).join('&')}`
}

/** Headers with credentials hidden; of `authorization` the scheme stays. */
export function hideHeaderSecrets(headers: HttpHeaders): HttpHeaders {
  return Object.fromEntries(
    Object.entries(headers).map(([name, value]) => {
      // A scheme has something after it; without that, what stands there is the secret itself.
      if (/^authorization$/i.test(name)) return [name, /^\s*(\S+)\s+\S/.exec(value)?.[1] ?? 'REDACTED']
      return [name, SECRET_HEADER.test(name) ? 'REDACTED' : value]
    }),
  )
}

/** Names may be percent-encoded, wholly or in part, and still count. */
function hideValue(pair: string): string {
  const [[name] = ['']] = [...new URLSearchParams(pair)]
  const equals = pair.indexOf('=')
  return equals < 0 || !SECRET_PARAMETER.test(name) ? pair : `${pair.slice(0, equals)}=REDACTED`
}

const SECRET_PARAMETER =
  /^(?:access_token|oauth_token|bearer_token|id_token|refresh_token|token|key|client_secret|code|code_verifier|code_challenge|device_code|user_code|nonce|assertion|upload_id|x-goog-signature)$/i
const SECRET_HEADER =
  /^(?:cookie|set-cookie|proxy-authorization|x-goog-api-key|x-goog-(?:copy-source-)?encryption-.*)$/i
