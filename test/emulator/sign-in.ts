import { createHash, randomBytes } from 'node:crypto'
import type { Emulator } from 'discokit/emulator'
import { grant, say, type Told } from './speak.ts'

export const BACK = 'https://app.example.com/back?tenant=1'
export const DRIVE = 'https://www.googleapis.com/auth/drive.file'
export const CALENDAR = 'https://www.googleapis.com/auth/calendar.readonly'
export const EMAIL = 'https://www.googleapis.com/auth/userinfo.email'

export type Client = ReturnType<Emulator['oauthClient']>
export type Fields = Readonly<Record<string, string>>

/** A verifier and its challenge (RFC 7636). */
export function pkce(): { readonly verifier: string; readonly challenge: string } {
  const verifier = randomBytes(32).toString('base64url')
  return { verifier, challenge: createHash('sha256').update(verifier).digest('base64url') }
}

/** The query of a request for consent. An empty text takes a parameter out. */
export function asking({ clientId }: Client, fields: Fields = {}): string {
  const all = {
    client_id: clientId,
    redirect_uri: BACK,
    response_type: 'code',
    scope: 'openid email',
    state: 's&1',
    ...fields,
  }
  return new URLSearchParams(Object.entries(all).filter(([, value]) => value !== '')).toString()
}

/** The address of a request for consent. */
export function askingAt(client: Client, fields: Fields = {}): string {
  return `https://accounts.google.com/o/oauth2/v2/auth?${asking(client, fields)}`
}

/** What the address says that a browser was sent to. */
export function answerOf(location: string | undefined): Fields {
  return Object.fromEntries(new URL(location!).searchParams)
}

/** Exchanges a code. */
export function exchange(
  emulator: Emulator,
  { clientId, clientSecret }: Client,
  code: string,
  fields: Fields = {},
): Promise<Told> {
  return grant(emulator, {
    grant_type: 'authorization_code',
    client_id: clientId,
    client_secret: clientSecret,
    redirect_uri: BACK,
    code,
    ...fields,
  })
}

/** What a person's consent gives in the end. */
export async function signIn(
  emulator: Emulator,
  client: Client,
  fields: Fields = {},
  answer: Parameters<Emulator['consent']>[1] = {},
): Promise<any> {
  const { code } = answerOf(emulator.consent(askingAt(client, fields), answer))
  return (await exchange(emulator, client, code!)).json
}

/** A browser without a window: it keeps cookies, and sends the forms of pages. */
export function browser(emulator: Emulator): {
  open(path: string): Promise<Told>
  send(path: string, page: Pick<Told, 'text'>, fields: readonly (readonly [string, string])[]): Promise<Told>
} {
  let cookie = ''
  const go = async (line: string, body?: string): Promise<Told> => {
    const headers = {
      ...(cookie !== '' && { cookie }),
      ...(body !== undefined && { 'content-type': 'application/x-www-form-urlencoded' }),
    }
    const told = await say(emulator, line, { headers, ...(body !== undefined && { body }) })
    cookie = told.headers['set-cookie']?.split(';')[0] ?? cookie
    return told
  }
  return {
    open: (path) => go(`GET ${path}`),
    send: (path, page, fields) => go(`POST ${path}`, formBody([['token', formToken(page)], ...fields])),
  }
}

function formBody(fields: readonly (readonly [string, string])[]): string {
  return new URLSearchParams(fields.map(([name, value]) => [name, value])).toString()
}

/** The hidden field of a page's form. */
export function formToken({ text }: Pick<Told, 'text'>): string {
  return /name="token" value="([^"]*)"/.exec(text)?.[1] ?? ''
}
