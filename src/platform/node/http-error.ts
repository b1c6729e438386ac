import type { ClientRequest } from 'node:http'
import { TransportError } from '../../errors.ts'
import type { HttpRequest } from '../../protocol/http.ts'
import { redactUrl, summarize } from '../../transport/redact.ts'

/**
 * An error of Node's http client as ours. Its own text is not kept: it may repeat headers. What it says about the
 * progress is on the safe side: `unsent` only when no connection was made.
 */
export function toTransportError(
  error: Error & { code?: string },
  request: HttpRequest,
  call: ClientRequest,
  answered: boolean,
): TransportError {
  const reason = error.code ?? 'UNKNOWN'
  const connected = call.reusedSocket || (call.socket?.bytesWritten ?? 0) > 0
  const progress = answered ? 'answered' : connected ? 'sent' : 'unsent'
  const what = `${request.method} ${redactUrl(request.url)}`
  return new TransportError(`${what}: ${EXPLANATIONS[reason] ?? `the connection failed (${reason})`}`, {
    reason,
    progress,
    request: summarize(request),
  })
}

const EXPLANATIONS: Readonly<Record<string, string>> = {
  ANSWERED_EARLY: 'the server answered before it had the whole request, so the answer cannot be trusted',
  ANSWER_CUT_SHORT: 'the connection closed before the whole answer had come',
  ANSWER_NOT_GZIP: 'the answer is marked as gzip and is not, or its end is missing',
  CLOSED: 'the client was closed',
  ECONNREFUSED: 'nothing listens there (ECONNREFUSED)',
  ECONNRESET: 'the server closed the connection (ECONNRESET)',
  EPIPE: 'the server closed the connection while the request was sent (EPIPE)',
  ENOTFOUND: 'there is no such host (ENOTFOUND); check the address and the network',
  EAI_AGAIN: 'the name server did not answer (EAI_AGAIN)',
  ETIMEDOUT: 'the connection timed out (ETIMEDOUT)',
  PROXY_REFUSED: 'the proxy refused to connect',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is signed by an unknown authority; name it with the option ca',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed; name it with the option ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'the certificate cannot be verified; name its authority with the option ca',
}
