import type { UserClient } from 'discokit/auth'
import { ValidationError } from '../../errors.ts'
import { readText } from '../../platform/node/read-text.ts'
import type { FixedRedirect } from './answer-listener.ts'
import { isOnThisMachine, type LoginProvider } from './login-provider.ts'

/** An OAuth client that logins can be made with. */
export interface LoginClient extends UserClient {
  /** Of a client of the kind `web`, which takes answers nowhere else. */
  readonly redirect?: FixedRedirect
}

/**
 * Reads the file of an OAuth client that Google's console gives for download. It is untrusted: addresses in it are held against
 * those that are asked, and are not used.
 * @throws {ValidationError} with nothing of the content but its kind.
 */
export async function readClientFile(path: string, to: LoginProvider): Promise<LoginClient> {
  const text = await readText(path, MAX_BYTES).catch(({ message }: Error) => {
    throw refused(path, message)
  })
  const file = parse(text, path)
  const [kind, content] = ['installed', 'web'].flatMap((name) =>
    isObject(file[name]) ? [[name, file[name]] as const] : [],
  )[0] ?? [undefined, {}]
  if (kind === undefined) throw refused(path, otherKind(file))
  const { client_id: clientId, client_secret: clientSecret, token_uri: tokenUri } = content
  if (!isWord(clientId)) throw refused(path, 'has no client_id')
  if (clientSecret !== undefined && !isWord(clientSecret))
    throw refused(path, 'has a client_secret that is none')
  checkTokenUri(tokenUri, path, to)
  const redirect = kind === 'web' ? loopbackRedirect(content['redirect_uris'], path) : undefined
  return { clientId, ...(clientSecret !== undefined && { clientSecret }), ...(redirect && { redirect }) }
}

/** What to do about a file that is something else. */
function otherKind({ type }: Content): string {
  if (type === 'service_account')
    return 'is the key of a service account, which nobody logs in with; give it to serviceAccount({ keyFile }), or set GOOGLE_APPLICATION_CREDENTIALS'
  if (type === 'authorized_user' || type === 'external_account')
    return `is a credential already (${type}); set GOOGLE_APPLICATION_CREDENTIALS to it`
  return "is not the file of an OAuth client, which has 'installed' or 'web'; download it at https://console.cloud.google.com/auth/clients"
}

/** A client of Google's is worth nothing at an emulator, and the other way round. */
function checkTokenUri(tokenUri: unknown, path: string, { isEmulator }: LoginProvider): void {
  if (tokenUri === undefined) return
  const uri = typeof tokenUri === 'string' ? tokenUri : ''
  const isLocal = isOnThisMachine(uri)
  if (isLocal && !isEmulator)
    throw refused(path, `is a client of an emulator; set DISCOKIT_EMULATOR=${new URL(uri).origin}`)
  if (!isLocal && isEmulator)
    throw refused(path, 'is not a client of the emulator; unset DISCOKIT_EMULATOR to log in at Google')
  if (!isLocal && !/^https:\/\/((oauth2|www|accounts)\.)?(googleapis|google)\.com\//.test(uri))
    throw refused(path, 'names a token_uri that is not one of Google')
}

/** Web clients take answers only where they say; programs on this machine need one that leads here. */
function loopbackRedirect(uris: unknown, path: string): FixedRedirect {
  for (const uri of Array.isArray(uris) ? uris.map(String) : []) {
    const [, hostname, port, rest] = LOOPBACK.exec(uri) ?? []
    // As browsers write it: without the port 80, or dots in the path.
    if (port !== undefined && Number(port) > 0 && URL.canParse(uri) && new URL(uri).href === uri)
      return { hostname: hostname as FixedRedirect['hostname'], port: Number(port), path: rest! }
  }
  throw refused(
    path,
    "is a client of the type 'Web application' that has no redirect URI on this machine with a port, such as http://127.0.0.1:8085/back; add one, or create a client of the type 'Desktop app', which needs none",
  )
}

const LOOPBACK = /^http:\/\/(127\.0\.0\.1|localhost):(\d{1,5})(\/[\w.~/-]*)$/

function parse(text: string, path: string): Content {
  try {
    const content: unknown = JSON.parse(text.replace(/^\uFEFF/, ''))
    if (isObject(content)) return content
  } catch {
    // the error's own text repeats a piece of the file
  }
  throw refused(path, 'is not a JSON object')
}

type Content = Readonly<Record<string, unknown>>

const MAX_BYTES = 65_536

function isObject(value: unknown): value is Content {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isWord(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{1,1024}$/.test(value)
}

function refused(path: string, message: string): ValidationError {
  return new ValidationError('the OAuth client cannot be used', [{ path, message }])
}
