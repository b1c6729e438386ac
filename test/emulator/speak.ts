import { createPrivateKey, sign } from 'node:crypto'
import { createEmulator, type Emulator, type EmulatorOptions } from '../../src/emulator/index.ts'
import type { HttpRequestBody } from '../../src/protocol/http.ts'

export const FULL_CONTROL = 'https://www.googleapis.com/auth/devstorage.full_control'
export const READ_ONLY = 'https://www.googleapis.com/auth/devstorage.read_only'

/** An answer that was read whole. */
export interface Told {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Uint8Array
  readonly text: string
  // Tests look into answers of every shape.
  readonly json: any
}

export interface Say {
  readonly headers?: Record<string, string>
  readonly body?: HttpRequestBody | object
  readonly query?: Record<string, string | number | boolean>
}

/** Sends one raw request to an emulator. Plain objects go as JSON. */
export async function say(emulator: Emulator, line: string, options: Say = {}): Promise<Told> {
  const [method = '', path = ''] = line.split(' ')
  const query = new URLSearchParams(
    Object.entries(options.query ?? {}).map(([name, value]) => [name, String(value)]),
  ).toString()
  const { body } = options
  const raw = body === undefined || isRaw(body) ? body : JSON.stringify(body)
  const response = await emulator.handle({
    method,
    url: `${emulator.url}${path}${query && (path.includes('?') ? '&' : '?') + query}`,
    headers: options.headers ?? {},
    ...(raw !== undefined && { body: raw }),
  })
  const bytes = await response.body.bytes()
  const text = new TextDecoder().decode(bytes)
  return {
    status: response.status,
    headers: response.headers,
    bytes,
    text,
    get json() {
      return JSON.parse(text)
    },
  }
}

function isRaw(body: HttpRequestBody | object): body is HttpRequestBody {
  return typeof body === 'string' || body instanceof Uint8Array || 'open' in body
}

/** An emulator that asks for no credentials and has the bucket `box`. */
export async function openStorage(options: EmulatorOptions = {}): Promise<Emulator> {
  const emulator = await createEmulator({ anonymous: true, ...options })
  await say(emulator, 'POST /storage/v1/b?project=p', { body: { name: 'box' } })
  return emulator
}

/** Stores an object in `box` by a simple upload. */
export function store(
  emulator: Emulator,
  name: string,
  body: HttpRequestBody = name,
  query: Say['query'] = {},
): Promise<Told> {
  return say(emulator, 'POST /upload/storage/v1/b/box/o', {
    query: { uploadType: 'media', name, ...query },
    headers: { 'content-type': 'text/plain' },
    body,
  })
}

/** The address of an object in `box`. */
export function at(name: string): string {
  return `/storage/v1/b/box/o/${encodeURIComponent(name)}`
}

/** A signed assertion for the emulator's token endpoint, claims and header changed as asked. */
export async function assertion(
  emulator: Emulator,
  claims: Record<string, unknown> = {},
  header: Record<string, unknown> = {},
): Promise<string> {
  const key = await emulator.serviceAccountKey()
  const now = Math.floor(emulator.clock.now() / 1000)
  const segment = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url')
  const signed = [
    segment({ alg: 'RS256', typ: 'JWT', kid: key.private_key_id, ...header }),
    segment({
      iss: key.client_email,
      aud: key.token_uri,
      scope: FULL_CONTROL,
      iat: now,
      exp: now + 3600,
      ...claims,
    }),
  ].join('.')
  const signature = sign('RSA-SHA256', Buffer.from(signed), createPrivateKey(key.private_key))
  return `${signed}.${signature.toString('base64url')}`
}

/** Sends fields to the token endpoint as a form. */
export function grant(emulator: Emulator, fields: Record<string, string>): Promise<Told> {
  return say(emulator, 'POST /token', {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  })
}

export const JWT_BEARER = 'urn:ietf:params:oauth:grant-type:jwt-bearer'

/** An access token of the emulator's default service account. */
export async function obtainToken(emulator: Emulator, scope: string = FULL_CONTROL): Promise<string> {
  const told = await grant(emulator, {
    grant_type: JWT_BEARER,
    assertion: await assertion(emulator, { scope }),
  })
  return told.json.access_token
}

/** A body in pieces, of a length that may be told. */
export function streamed(
  chunks: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  length?: number,
): HttpRequestBody {
  return {
    length,
    replayable: false,
    async *open() {
      yield* chunks
    },
  }
}

/** Bytes that no pattern hides an error in, the same every time. */
export function bytesOf(length: number): Uint8Array {
  const bytes = new Uint8Array(length)
  let state = 1
  for (let i = 0; i < length; i++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    bytes[i] = state >>> 16
  }
  return bytes
}
