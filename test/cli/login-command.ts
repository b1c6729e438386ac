/** `discokit login` as a process, and the person and the browser in front of it. */
import { request } from 'node:http'
import type { Emulator } from 'discokit/emulator'
import { type Running, startCommand } from './run-command.ts'

/** What a browser was answered. */
export interface Page {
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly body: string
}

/** A login that waits for its answer. */
export interface WaitingLogin extends Running {
  /** The request for consent. */
  readonly address: string
  /** Where the answer is waited for. */
  readonly redirectUri: string
  readonly state: string
}

/** The environment of a user with a folder of their own. */
export function environmentOf(folder: string, emulator?: string): Readonly<Record<string, string>> {
  return {
    DISCOKIT_CONFIG: `${folder}/config`,
    DISCOKIT_KEYCHAIN: 'off',
    DISCOKIT_EMULATOR: emulator ?? '',
    DISPLAY: '',
    WAYLAND_DISPLAY: '',
    WSL_DISTRO_NAME: '',
  }
}

/** Starts a login, and waits until it shows the address to open. */
export async function startLogin(
  argv: readonly string[],
  folder: string,
  emulator: string,
  env: Readonly<Record<string, string>> = {},
): Promise<WaitingLogin> {
  const running = startCommand(['login', ...argv], {
    cwd: folder,
    env: { ...environmentOf(folder, emulator), ...env },
  })
  return { ...running, ...addressIn(await running.printed('prompt=')) }
}

/** The address of the request for consent in an output. */
export function addressIn(output: string): Pick<WaitingLogin, 'address' | 'redirectUri' | 'state'> {
  const [, address = ''] = /^(https?:\S+\/auth\?\S+)\r?$/m.exec(output) ?? []
  const { searchParams } = new URL(address)
  return {
    address,
    redirectUri: searchParams.get('redirect_uri') ?? '',
    state: searchParams.get('state') ?? '',
  }
}

/** Answers as somebody in a browser, which goes where it is sent. */
export async function answer(
  emulator: Emulator,
  { address }: Pick<WaitingLogin, 'address'>,
  consent: Parameters<Emulator['consent']>[1] = {},
): Promise<Page> {
  return visit(emulator.consent(address, consent))
}

/** What a browser sends, or what somebody sends who only looks like one. */
export function visit(
  address: string,
  { method = 'GET', host }: { method?: string; host?: string } = {},
): Promise<Page> {
  return new Promise((resolve, reject) => {
    const headers = host === undefined ? {} : { host }
    const sent = request(address, { method, headers, agent: false, setHost: host === undefined })
    sent.on('error', reject)
    sent.on('response', (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
      response.on('error', reject)
    })
    sent.end()
  })
}

/** The file of a desktop client, as Google's console gives it. */
export function clientFile(emulator: Emulator, more: object = {}): string {
  const { clientId, clientSecret } = emulator.oauthClient({ type: 'desktop', name: 'My program' })
  return JSON.stringify({
    installed: {
      client_id: clientId,
      client_secret: clientSecret,
      auth_uri: `${emulator.url}/accounts.google.com/o/oauth2/auth`,
      token_uri: `${emulator.url}/oauth2.googleapis.com/token`,
      redirect_uris: ['http://localhost'],
      ...more,
    },
  })
}
