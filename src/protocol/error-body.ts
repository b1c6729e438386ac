import { parseOAuthError } from './oauth-error.ts'

/** What an error answer says, whichever of Google's forms it has. */
export interface ErrorBody {
  readonly message?: string
  readonly reason?: string
  readonly domain?: string
  /** `NOT_FOUND`, … of `google.rpc.Status`. */
  readonly status?: string
  readonly details?: readonly unknown[]
  /** Free-form facts of an ErrorInfo detail: `service`, `consumer`, … */
  readonly metadata?: Readonly<Record<string, string>>
}

/**
 * Reads the body of an error answer. Three forms are known: `google.rpc.Status` with details (newer APIs, AIP-193),
 * `{ error: { errors: [{ reason, domain }] } }` (older APIs), and `{ error, error_description }` (RFC 6749).
 * Anything else gives an empty result.
 */
export function parseErrorBody(text: string): ErrorBody {
  const error = field(parseJson(text), 'error')
  if (typeof error === 'string') return parseOAuthError(text)
  const info = asArray(field(error, 'details')).find((detail) =>
    asString(field(detail, '@type'))?.endsWith('google.rpc.ErrorInfo'),
  )
  const first = asArray(field(error, 'errors'))[0]
  const details = [...asArray(field(error, 'details')), ...asArray(field(error, 'errors'))]
  return compact({
    message: asString(field(error, 'message')),
    reason: asString(field(info, 'reason')) ?? asString(field(first, 'reason')),
    domain: asString(field(info, 'domain')) ?? asString(field(first, 'domain')),
    status: asString(field(error, 'status')),
    details: details.length > 0 ? details : undefined,
    metadata: asStrings(field(info, 'metadata')),
  })
}

/** Writes the older form, which Cloud Storage and Drive use. */
export function formatErrorBody(
  code: number,
  message: string,
  reason: string,
  more: { domain?: string; location?: string; locationType?: string } = {},
): string {
  const { domain = 'global', ...place } = more
  return JSON.stringify({ error: { code, message, errors: [{ message, domain, reason, ...place }] } })
}

/** Writes the newer form, a `google.rpc.Status` with an ErrorInfo. */
export function formatStatusBody(
  code: number,
  status: string,
  message: string,
  info?: { reason: string; domain: string; metadata?: Record<string, string> },
): string {
  const details = info && [{ '@type': 'type.googleapis.com/google.rpc.ErrorInfo', ...info }]
  return JSON.stringify({ error: { code, message, status, ...(details && { details }) } })
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function field(value: unknown, name: string): unknown {
  const object = typeof value === 'object' && value !== null && !Array.isArray(value)
  return object && Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined
}

function asString(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined
}

function asArray(value: unknown): unknown[] {
  return Array.isArray(value) ? value : []
}

function asStrings(value: unknown): Record<string, string> | undefined {
  if (typeof value !== 'object' || value === null) return undefined
  return Object.fromEntries(Object.entries(value).filter(([, item]) => typeof item === 'string'))
}

/** The same object without members that are undefined. */
function compact(body: { [K in keyof ErrorBody]: ErrorBody[K] | undefined }): ErrorBody {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined))
}
