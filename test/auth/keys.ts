import { generateKeyPairSync, type KeyObject } from 'node:crypto'

/** A key pair of this run, and the content of a key file with it. */
const pair = generateKeyPairSync('rsa', { modulusLength: 2048 })
const privateKey = pair.privateKey

export const publicKey: KeyObject = pair.publicKey
export const PKCS8: string = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
export const PKCS1: string = privateKey.export({ type: 'pkcs1', format: 'pem' }).toString()

export const TOKEN_URI = 'https://oauth2.googleapis.com/token'

/** The content of a key file, changed as asked. */
export function keyFile(more: Record<string, unknown> = {}): Record<string, unknown> {
  return {
    type: 'service_account',
    project_id: 'p',
    private_key_id: 'key-1',
    private_key: PKCS8,
    client_email: 'robot@p.iam.gserviceaccount.com',
    client_id: '123',
    token_uri: TOKEN_URI,
    ...more,
  }
}
