/** A request that is to be signed. */
export interface AwsRequest {
  readonly method: string
  readonly url: string
  /** All of them are signed, and so are `host` and `x-amz-date`. */
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** Who signs. */
export interface AwsCredentials {
  readonly accessKeyId: string
  readonly secretAccessKey: string
  /** Of credentials that end by themselves. */
  readonly sessionToken?: string | undefined
}

/** What the signature is good for. */
export interface AwsScope {
  readonly region: string
  readonly service: string
  /** Milliseconds since 1970. */
  readonly now: number
}

/**
 * The headers with which Amazon takes a request for that of a credential: those given, `host`, `x-amz-date`,
 * `x-amz-security-token` and `authorization` (AWS Signature Version 4).
 */
export async function signAwsRequest(
  request: AwsRequest,
  { accessKeyId, secretAccessKey, sessionToken }: AwsCredentials,
  { region, service, now }: AwsScope,
): Promise<Record<string, string>> {
  const date = new Date(now).toISOString().replace(/-|:|\.\d+/g, '')
  const headers: Record<string, string> = {
    ...lowerCased(request.headers ?? {}),
    host: new URL(request.url).host,
    'x-amz-date': date,
    ...(sessionToken !== undefined && { 'x-amz-security-token': sessionToken }),
  }
  const signed = Object.keys(headers).toSorted()
  const scope = [date.slice(0, 8), region, service, 'aws4_request']
  const canonical = [
    request.method,
    canonicalPath(request.url),
    canonicalQuery(request.url),
    ...signed.map((name) => `${name}:${headers[name]!.trim().replace(/ +/g, ' ')}`),
    '',
    signed.join(';'),
    toHex(await sha256(request.body ?? '')),
  ].join('\n')
  const toSign = [ALGORITHM, date, scope.join('/'), toHex(await sha256(canonical))].join('\n')
  let key: Uint8Array = new TextEncoder().encode(`AWS4${secretAccessKey}`)
  for (const part of scope) key = await hmac(key, part)
  const signature = toHex(await hmac(key, toSign))
  return {
    ...headers,
    authorization:
      `${ALGORITHM} Credential=${accessKeyId}/${scope.join('/')}, ` +
      `SignedHeaders=${signed.join(';')}, Signature=${signature}`,
  }
}

const ALGORITHM = 'AWS4-HMAC-SHA256'

function lowerCased(headers: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}

/** The path as `URL` has it, its parts encoded once more, as every service but S3 wants it. */
function canonicalPath(url: string): string {
  return new URL(url).pathname.split('/').map(encode).join('/')
}

function canonicalQuery(url: string): string {
  return new URL(url).search
    .slice(1)
    .split('&')
    .filter((pair) => pair !== '')
    .map((pair) => {
      const [, name = '', value = ''] = /^([^=]*)=?(.*)$/s.exec(pair)!
      return [encode(decodeURIComponent(name)), encode(decodeURIComponent(value))] as const
    })
    .toSorted((a, b) => compare(a[0], b[0]) || compare(a[1], b[1]))
    .map(([name, value]) => `${name}=${value}`)
    .join('&')
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b)
}

/** Everything but the unreserved characters of RFC 3986 section 2.3. */
function encode(text: string): string {
  return encodeURIComponent(text).replace(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

async function sha256(text: string): Promise<Uint8Array> {
  return new Uint8Array(await crypto.subtle.digest('SHA-256', new TextEncoder().encode(text)))
}

async function hmac(key: Uint8Array, text: string): Promise<Uint8Array> {
  const algorithm = { name: 'HMAC', hash: 'SHA-256' }
  const usable = await crypto.subtle.importKey('raw', key as Uint8Array<ArrayBuffer>, algorithm, false, [
    'sign',
  ])
  return new Uint8Array(await crypto.subtle.sign('HMAC', usable, new TextEncoder().encode(text)))
}

function toHex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}
