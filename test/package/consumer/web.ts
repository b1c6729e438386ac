/** Compiled in a project with neither Node's types nor the web's: the entries that run everywhere must not need them. */
import { createClient, type Credentials, GoogleApiError, type UntypedApi } from 'discokit'
import { authorizedFetch, serviceAccount } from 'discokit/auth'
import type { Emulator } from 'discokit/emulator'
import { multipart, type MultipartBody } from 'discokit/media'
import { oauthClient, type WebLogin, webLogin } from 'discokit/login'
import { postPolicy, type PostPolicy } from 'discokit/storage'

const auth: Credentials = serviceAccount({ key: '{}', scopes: ['https://www.googleapis.com/auth/drive'] })
const drive: UntypedApi = await createClient({ auth }).discover('drive:v3')
export const body: MultipartBody = multipart({
  kind: 'form-data',
  parts: [{ name: 'a', contentType: 'text/plain', body: 'b' }],
})
export const policy = (): Promise<PostPolicy> =>
  postPolicy({ signer: serviceAccount({ key: '{}' }), bucket: 'b-b', object: 'o', expiresMs: 1_000 })
export const fetch = authorizedFetch(auth)
export const names: string[] = []
try {
  for await (const { name } of drive['files'].list()) names.push(name as string)
} catch (error) {
  if (error instanceof GoogleApiError && error.code === 'not_found') names.push(error.reason ?? 'none')
  // @ts-expect-error -- no such code
  else if (error instanceof GoogleApiError && error.code === 'no_such_code') throw error
}
export const close = (emulator: Emulator): Promise<void> => emulator.close()
export const login: WebLogin = webLogin({
  client: oauthClient({
    clientId: 'a',
    redirectUri: 'https://app.example.com/back',
    scopes: ['openid', 'email'],
  }),
  secret: new Uint8Array(32),
})
