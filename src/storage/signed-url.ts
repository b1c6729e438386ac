import { type Problem, ValidationError } from '../errors.ts'
import { isHeaderValue } from '../protocol/header-value.ts'
import type { HttpHeaders } from '../protocol/http.ts'
import { encodeMultiSegment } from '../protocol/path-template.ts'
import { checkOptionNames } from '../request/option-names.ts'
import { type Clock, systemClock } from '../transport/clock.ts'
import { BUCKET_HOST, bucketAddress, type BucketHost, objectPathProblem } from './bucket-address.ts'
import { canonicalHeaders, canonicalRequest } from './canonical-request.ts'
import { expiryProblem, signingTime } from './signing-time.ts'
import { readySigner, signerProblems, toHex, type UrlSigner } from './url-signer.ts'

/** What an address lets its bearer do, and for how long. */
export interface SignedUrlOptions extends BucketHost {
  readonly signer: UrlSigner
  /** Default `GET`. */
  readonly method?: 'GET' | 'HEAD' | 'PUT' | 'POST' | 'DELETE' | undefined
  readonly bucket: string
  /** Left out for the bucket itself: `GET` then lists it. */
  readonly object?: string | undefined
  /** How long it holds, in milliseconds from now: a second to seven days. Parts of a second are dropped. */
  readonly expiresMs: number
  /** Headers that the request must have, with these values: `content-type`, `x-goog-resumable`, … */
  readonly headers?: HttpHeaders | undefined
  /** Further parameters: `response-content-disposition`, `generation`, … */
  readonly query?: Readonly<Record<string, string | number | boolean | undefined>> | undefined
  /** SHA-256 of the content, in hexadecimal digits, for an upload of just that. Sent as `x-goog-content-sha256`. */
  readonly contentSha256?: string | undefined
  readonly clock?: Clock | undefined
}

/**
 * An address that lets whoever has it do one thing with one object, until it expires (V4 signing). It is a secret like a
 * password. Nothing is sent, unless IAM has to sign.
 *
 * ```ts
 * import { serviceAccount } from 'discokit/auth'
 * import { signedUrl } from 'discokit/storage'
 *
 * const url = await signedUrl({
 *   signer: serviceAccount({ keyFile: 'key.json' }),
 *   bucket: 'my-photos',
 *   object: 'cat.jpg',
 *   expiresMs: 15 * 60_000,
 * })
 * ```
 *
 * An upload: `method: 'PUT'`, with `headers: { 'content-type': 'image/jpeg' }` that the sender then must send too. A resumable
 * one: `method: 'POST'`, `headers: { 'x-goog-resumable': 'start' }`; the answer's `location` is where the bytes go.
 *
 * @throws {ValidationError} for options that cannot be used.
 * @throws {AuthError} when the key cannot be read, or IAM does not sign.
 */
export async function signedUrl(options: SignedUrlOptions): Promise<string> {
  checkOptionNames(WHAT, options, OPTIONS)
  const { method = 'GET', bucket, object, expiresMs, clock = systemClock } = options
  const problems: Problem[] = []
  const { origin, host, bucketPath } = bucketAddress(bucket, options, problems)
  const own = checkedHeaders(options, problems)
  const query = checkedQuery(options.query ?? {}, problems)
  check(options, problems)
  if (problems.length > 0) throw new ValidationError(WHAT, problems)

  const signer = await readySigner(WHAT, options.signer)
  const { date, day, scope } = signingTime(clock.now())
  const headers = { ...own, host }
  const path = object === undefined ? bucketPath || '/' : `${bucketPath}/${encodeMultiSegment(object)}`
  const request = canonicalRequest(
    method,
    path,
    {
      ...query,
      'X-Goog-Algorithm': signer.algorithm,
      'X-Goog-Credential': `${signer.id}/${scope}`,
      'X-Goog-Date': date,
      'X-Goog-Expires': String(Math.floor(expiresMs / 1_000)),
      'X-Goog-SignedHeaders': Object.keys(headers).toSorted().join(';'),
    },
    headers,
  )
  const digest = await crypto.subtle.digest('SHA-256', new TextEncoder().encode(request.text))
  const toSign = [signer.algorithm, date, scope, toHex(new Uint8Array(digest))].join('\n')
  return `${origin}${path}?${request.query}&X-Goog-Signature=${await signer.sign(toSign, day)}`
}

const WHAT = 'no address can be signed'
const METHODS: readonly string[] = ['GET', 'HEAD', 'PUT', 'POST', 'DELETE']
const OPTIONS = [
  'signer',
  'method',
  'bucket',
  'object',
  'expiresMs',
  'headers',
  'query',
  'contentSha256',
  'clock',
  ...BUCKET_HOST,
]
/** What signing adds by itself. */
const RESERVED = /^x-goog-(algorithm|credential|date|expires|signedheaders|signature)$/i

function check(options: SignedUrlOptions, problems: Problem[]): void {
  const { method = 'GET', object, expiresMs, contentSha256, signer } = options
  const add = (path: string, message: string | undefined): void => {
    if (message !== undefined) problems.push({ path, message })
  }
  problems.push(...signerProblems(signer))
  if (!METHODS.includes(method)) add('method', `must be one of ${METHODS.join(', ')}`)
  if (object !== undefined) add('object', objectPathProblem(object))
  add('expiresMs', expiryProblem(expiresMs))
  if (contentSha256 !== undefined && !/^[0-9a-f]{64}$/.test(contentSha256))
    add('contentSha256', 'must be 64 hexadecimal digits in lower case')
}

function checkedHeaders({ headers = {}, contentSha256 }: SignedUrlOptions, problems: Problem[]): HttpHeaders {
  const given = Object.entries(headers).filter(([, value]) => value !== undefined)
  const seen = new Set<string>()
  for (const [name, value] of given) {
    const lower = name.toLowerCase()
    const add = (message: string): void => void problems.push({ path: `headers.${name}`, message })
    if (!/^[\x21-\x39\x3b-\x7e]+$/.test(name)) add('is not the name of a header')
    else if (lower === 'host') add('is made of the address')
    else if (seen.has(lower)) add('is given twice')
    else if (typeof value !== 'string' || !isHeaderValue(value)) add('must be text that a header may have')
    else if (lower === 'x-goog-content-sha256' && contentSha256 !== undefined)
      add('is given as contentSha256 too')
    seen.add(lower)
  }
  if (problems.length > 0) return {}
  return {
    ...canonicalHeaders(Object.fromEntries(given)),
    ...(contentSha256 !== undefined && { 'x-goog-content-sha256': contentSha256 }),
  }
}

function checkedQuery(
  query: NonNullable<SignedUrlOptions['query']>,
  problems: Problem[],
): Readonly<Record<string, string>> {
  const given = Object.entries(query).filter(([, value]) => value !== undefined)
  for (const [name, value] of given) {
    const add = (message: string): void => void problems.push({ path: `query.${name}`, message })
    if (RESERVED.test(name)) add('is added by the signature')
    else if (/\p{Surrogate}/u.test(`${name}=${String(value)}`))
      add('has half a character, which UTF-8 cannot say')
    else if (!['string', 'number', 'boolean'].includes(typeof value))
      add('must be text, a number or a boolean')
  }
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]))
}
