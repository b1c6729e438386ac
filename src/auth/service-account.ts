import { AuthError, ValidationError } from '../errors.ts'
import type { Credentials, CredentialsContext } from '../transport/credentials.ts'
import { type Sign, signAssertion } from './assertion.ts'
import { GOOGLE_TOKEN_URI, parseServiceAccountKey, type ServiceAccountKey } from './service-account-key.ts'
import { type AccessToken, TokenCache } from './token-cache.ts'
import { requestToken } from './token-endpoint.ts'
import { platform } from '#platform'

/** What a service account's credential is made of. One of `keyFile` and `key` is needed. */
export interface ServiceAccountOptions {
  /** The path of a key file. It is read at the first call. */
  readonly keyFile?: string
  /** The content of a key file: an object, its JSON text, or a function that gets it at the first call. */
  readonly key?: object | string | (() => Promise<object | string>)
  /** What the token may do. Default: `https://www.googleapis.com/auth/cloud-platform`. */
  readonly scopes?: readonly string[]
  /** The user to act for, with domain-wide delegation. */
  readonly subject?: string
  /** Further claims of the assertion. They win over ours. */
  readonly claims?: Readonly<Record<string, unknown>>
  /** The domain whose token endpoints are trusted. Default `googleapis.com`. */
  readonly universeDomain?: string
}

/** What a service account may do unless told otherwise: everything its roles allow in Google Cloud. */
const CLOUD_PLATFORM_SCOPE = 'https://www.googleapis.com/auth/cloud-platform'

/**
 * The credential of a service account with a key: signs an assertion and exchanges it for an access token at the
 * key's own `token_uri` (RFC 7523 section 2.1). The token is kept, renewed ahead of its end, and fetched once for any
 * number of callers.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { serviceAccount } from 'discokit/auth'
 *
 * const google = createClient({ auth: serviceAccount({ keyFile: 'key.json' }) })
 * ```
 *
 * @throws {ValidationError} when both or neither of `keyFile` and `key` are given.
 * @throws {AuthError} reason `invalid_key_file`, at once for content that is at hand, else at the first call.
 */
export function serviceAccount(options: ServiceAccountOptions): Credentials {
  checkOptions(options)
  const { key, universeDomain } = options
  if (typeof key === 'string' || (typeof key === 'object' && key !== null)) {
    parseServiceAccountKey(key, 'the key', universeDomain)
  }
  let signer: Promise<Signer> | undefined

  async function fetchToken(context: CredentialsContext): Promise<AccessToken> {
    signer ??= createSigner(options)
    signer.catch(() => (signer = undefined)) // the file may be mended
    const forget = context.call.onEnd(() => (signer = undefined)) // a key that did not come in time may come later
    const { key, sign } = await signer
    forget()
    const tokenUri = key.token_uri ?? GOOGLE_TOKEN_URI
    const scope = (options.scopes ?? [CLOUD_PLATFORM_SCOPE]).join(' ')
    const claims = {
      iss: key.client_email,
      scope,
      aud: tokenUri,
      sub: options.subject,
      claims: options.claims,
    }
    return requestToken(
      {
        tokenUri,
        what: `the service account ${key.client_email}`,
        form: async () => ({
          grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer',
          assertion: await signAssertion(claims, key.private_key_id, sign, context.clock.now()),
        }),
      },
      context,
    )
  }

  const tokens = new TokenCache(fetchToken)
  return {
    kind: 'service account',
    headers: (_, context) => tokens.headers(context),
    refused: (headers) => tokens.refused(headers),
  }
}

/** A key that is ready to sign. */
interface Signer {
  readonly key: ServiceAccountKey
  readonly sign: Sign
}

async function createSigner(options: ServiceAccountOptions): Promise<Signer> {
  const { keyFile, universeDomain } = options
  const from = keyFile === undefined ? 'the key' : `the key file ${keyFile}`
  const content = keyFile === undefined ? await givenKey(options.key!) : await readKeyFile(keyFile)
  const key = parseServiceAccountKey(content, from, universeDomain)
  try {
    return { key, sign: await platform.importRs256Key(key.private_key) }
  } catch {
    // The library's own text may repeat the key.
    throw new AuthError(
      `${from} has a private_key that cannot be read as an RSA key; download the key again`,
      {
        reason: 'invalid_key_file',
      },
    )
  }
}

async function givenKey(key: NonNullable<ServiceAccountOptions['key']>): Promise<unknown> {
  return typeof key === 'function' ? key() : key
}

async function readKeyFile(path: string): Promise<string> {
  try {
    return await platform.readTextFile(path)
  } catch (error) {
    const code = (error as { code?: string }).code
    const why = { ENOENT: 'does not exist', EISDIR: 'is a folder', EACCES: 'may not be read' }[code ?? '']
    throw new AuthError(
      `the key file ${path} ${why ?? `cannot be read (${code ?? (error as Error).message})`}`,
      {
        reason: 'invalid_key_file',
      },
    )
  }
}

const OPTIONS = ['keyFile', 'key', 'scopes', 'subject', 'claims', 'universeDomain']

function checkOptions(options: ServiceAccountOptions): void {
  const { keyFile, key, scopes } = options
  const problems = Object.keys(options)
    .filter((name) => !OPTIONS.includes(name))
    .map((path) => ({ path, message: 'is not an option' }))
  if ((keyFile === undefined) === (key === undefined)) {
    problems.push({
      path: 'keyFile',
      message: key === undefined ? 'or key is needed' : 'cannot be given with key',
    })
  }
  if (scopes !== undefined && (!Array.isArray(scopes) || scopes.length === 0)) {
    problems.push({ path: 'scopes', message: 'must be a list of at least one scope' })
  }
  if (problems.length > 0) throw new ValidationError('the service account cannot be used', problems)
}
