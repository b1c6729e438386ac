import type { ClientRequest } from 'node:http'
import { TransportError } from '../../errors.ts'
import type { HttpRequest } from '../../protocol/http.ts'
import { redactUrl, summarize } from '../../transport/redact.ts'

/**
 * An error of Node's http client as ours. Its own text is not kept: it may repeat headers. What it says about the
 * progress is on the safe side: `unsent` only when no connection was made, or its TLS handshake did not end well.
 */
export function toTransportError(
  error: Error & { code?: string; syscall?: string },
  request: HttpRequest,
  call: ClientRequest,
  answered: boolean,
): TransportError {
  const reason = error.code ?? 'UNKNOWN'
  const progress = answered ? 'answered' : isConnected(error, call) ? 'sent' : 'unsent'
  const what = `${request.method} ${redactUrl(request.url)}`
  const why = reason === PROXY_REFUSED ? error.message : EXPLANATIONS[reason]
  return new TransportError(`${what}: ${why ?? `the connection failed (${reason})`}`, {
    reason,
    progress,
    request: summarize(request),
  })
}

/** The bytes written are no sign of it: Node counts those that wait for the connection too. */
function isConnected(error: { syscall?: string }, { socket, reusedSocket }: ClientRequest): boolean {
  if (reusedSocket) return true
  // Node sets the socket once there is one; its types lack `secureConnecting`.
  const connecting = !socket || socket.connecting || ('secureConnecting' in socket && socket.secureConnecting)
  if (connecting) return false
  // `errors` are those of the several addresses of a host.
  return error.syscall !== 'connect' && error.syscall !== 'getaddrinfo' && !('errors' in error)
}

/** The code of the one error whose text is ours. */
export const PROXY_REFUSED = 'PROXY_REFUSED'

const EXPLANATIONS: Readonly<Record<string, string>> = {
  ANSWERED_EARLY: 'the server answered before it had the whole request, so the answer cannot be trusted',
  ANSWER_CUT_SHORT: 'the connection closed before the whole answer had come',
  ANSWER_NOT_GZIP: 'the answer is marked as gzip and is not, or its end is missing',
  CLOSED: 'the client was closed',
  ECONNREFUSED: 'nothing listens there (ECONNREFUSED)',
  ECONNRESET: 'the server closed the connection (ECONNRESET)',
  NO_ANSWER: 'the connection ended without an answer',
  EPIPE: 'the server closed the connection while the request was sent (EPIPE)',
  ENOTFOUND: 'there is no such host (ENOTFOUND); check the address and the network',
  EAI_AGAIN: 'the name server did not answer (EAI_AGAIN)',
  ETIMEDOUT: 'the connection timed out (ETIMEDOUT)',
  SELF_SIGNED_CERT_IN_CHAIN: 'the certificate is signed by an unknown authority; name it with the option ca',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'the certificate is self-signed; name it with the option ca',
  UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    'the certificate cannot be verified; name its authority with the option ca',
}
