import { randomBytes } from 'node:crypto'
import { createClient, type ClientOptions, type HttpRequest, type Transport, type UntypedApi } from 'discokit'
import { serviceAccount } from 'discokit/auth'
import { starterDocuments } from '../../src/emulator/starter-documents.ts'
import { responseBody } from '../../src/protocol/http-body.ts'
import { keyFile, PKCS8 } from '../auth/keys.ts'
import type { Secrets } from './sweep.ts'

const random = (bytes = 24): string => randomBytes(bytes).toString('hex')

/** Secrets of this run, with characters that addresses and JSON write differently. */
export const planted = {
  accessToken: `ya29.${random()}`,
  apiKeyHeader: `AIza${random()}`,
  apiKeyQuery: `AIzb+/${random()}`,
  accessTokenQuery: `yb29.${random()}`,
  uploadId: `ABPt==${random()}`,
  cookie: `"${random()}"`,
  encryptionKey: randomBytes(32).toString('base64'),
  iamToken: `iam-${random()}`,
  requestBody: `body-${random()}`,
  proxyPassword: `pp-${random()}`,
} as const

/** Lines of the private key. The first of them are alike in all keys. */
const keyLines = PKCS8.split('\n').slice(2, -3)

/** Everything that must not show. Assertions are added as they are seen, without the header that all share. */
export function secretsOf(assertions: readonly string[] = []): Secrets {
  const keys = Object.fromEntries(keyLines.map((line, i) => [`privateKey line ${i}`, line]))
  const seen = assertions.flatMap((assertion, i) =>
    assertion.split('.').map((part, j) => [`assertion ${i}.${j}`, part] as const),
  )
  return { ...planted, ...keys, ...Object.fromEntries(seen) }
}

/** What a scripted server does with a request. */
export type Script = (request: HttpRequest) => {
  status: number
  headers?: Record<string, string>
  text: string
}

/** Everything about a request in one text, as a careless server would repeat it. */
export function echoOf({ method, url, headers, body }: HttpRequest): string {
  return JSON.stringify({ method, url, headers, body: typeof body === 'string' ? body : null })
}

/** A client whose calls carry every secret there is, to a server that does as the script says. */
export async function plantedClient(
  script: { token?: Script; call?: Script; transport?: Transport; options?: Partial<ClientOptions> } = {},
) {
  const assertions: string[] = []
  const transport: Transport = async (request, context) => {
    const isToken = request.url.endsWith('/token')
    if (isToken) assertions.push(new URLSearchParams(request.body as string).get('assertion')!)
    const run = isToken ? (script.token ?? grant) : script.call
    if (!run) return script.transport!(request, context)
    const { status, headers = {}, text } = run(request)
    return { status, headers, body: responseBody(text) }
  }
  const google = createClient({
    auth: serviceAccount({ key: keyFile() }),
    transport,
    retry: { maxAttempts: 2, baseDelayMs: 1, maxDelayMs: 1 },
    ...script.options,
  })
  const storage: UntypedApi = google.api((await document()) as never)
  const options = {
    headers: {
      'x-goog-api-key': planted.apiKeyHeader,
      cookie: `theme=dark; session=${planted.cookie}`,
      'x-goog-encryption-key': planted.encryptionKey,
      'x-goog-iam-authorization-token': planted.iamToken,
    },
    extraQuery: { upload_id: planted.uploadId },
  }
  /** With a key and a token in the address, which take the place of the client's. */
  const own = {
    ...options,
    extraQuery: {
      ...options.extraQuery,
      key: planted.apiKeyQuery,
      access_token: planted.accessTokenQuery,
    },
  }
  return {
    google,
    storage,
    options,
    secrets: () => secretsOf(assertions),
    /** A call that reads, and one that writes. */
    read: (more = {}) => storage['buckets'].get({ bucket: 'box' }, { ...options, ...more }),
    write: (more = {}) =>
      storage['buckets'].insert(
        { project: 'p', body: { name: planted.requestBody } },
        { ...options, ...more },
      ),
    readOwn: (more = {}) => storage['buckets'].get({ bucket: 'box' }, { ...own, ...more }),
  }
}

const grant: Script = () => ({
  status: 200,
  text: JSON.stringify({ access_token: planted.accessToken, expires_in: 3600, token_type: 'Bearer' }),
})

async function document(): Promise<unknown> {
  const documents = await starterDocuments()
  return documents.find(({ name }) => name === 'storage')
}
