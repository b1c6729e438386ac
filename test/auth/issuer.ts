import { createHmac } from 'node:crypto'
import type { HttpRequest, Transport } from 'discokit'
import { type CryptoKey, exportJWK, generateKeyPair, type JWK, SignJWT } from 'jose'
import { responseBody } from '../../src/protocol/http-body.ts'
import type { Scripted } from './endpoint.ts'

/** A key of an issuer: the half that signs, and the other as its JWKS has it. */
export interface IssuerKey {
  readonly privateKey: CryptoKey
  readonly jwk: JWK & { readonly kid: string; readonly alg: string }
}

export async function makeKey(alg: string, kid: string): Promise<IssuerKey> {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  return { privateKey, jwk: { ...(await exportJWK(publicKey)), kid, alg, use: 'sig' } }
}

/** A token signed by another library than the one that checks it knows nothing of. */
export function sign(
  { privateKey, jwk }: IssuerKey,
  claims: Readonly<Record<string, unknown>>,
  header: Readonly<Record<string, unknown>> = {},
): Promise<string> {
  const { kid, alg } = jwk
  return new SignJWT(claims).setProtectedHeader({ alg, kid, typ: 'JWT', ...header }).sign(privateKey)
}

/** One segment of a token. */
export const segment = (content: unknown): string =>
  Buffer.from(typeof content === 'string' ? content : JSON.stringify(content)).toString('base64url')

/** A token with any header, signed by HMAC as those do who have no private key. */
export function forge(header: unknown, claims: unknown, secret = 'secret'): string {
  const signed = `${segment(header)}.${segment(claims)}`
  return `${signed}.${createHmac('sha256', secret).update(signed).digest('base64url')}`
}

/** A server of keys in this process, which notes what it is asked. */
export interface KeyServer {
  readonly transport: Transport
  readonly requests: HttpRequest[]
}

/** `answer` may throw, as a transport does. */
export function keyServer(answer: (index: number) => Scripted | Promise<Scripted>): KeyServer {
  const requests: HttpRequest[] = []
  const transport: Transport = async (request) => {
    const { status = 200, headers = {}, text = '' } = await answer(requests.push(request) - 1)
    return { status, headers, body: responseBody(text) }
  }
  return { transport, requests }
}

/** A JWKS. */
export const jwks = (keys: readonly unknown[], cacheControl?: string): Scripted => ({
  text: JSON.stringify({ keys }),
  headers: cacheControl === undefined ? {} : { 'cache-control': cacheControl },
})
