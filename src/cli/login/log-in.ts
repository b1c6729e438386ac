import type { LoginStore, SavedLogin } from 'discokit/auth'
import { type LoginTokens, type OAuthClient, oauthClient } from 'discokit/login'
import type { Steps } from '../output.ts'
import { openAnswerListener } from './answer-listener.ts'
import { ANSWER_LIMIT_MS, awaitAnswer } from './await-answer.ts'
import type { LoginClient } from './client-file.ts'
import { findClient } from './find-client.ts'
import { setUpClient } from './guided-setup.ts'
import type { LoginProvider } from './login-provider.ts'
import { type AskedFor, scopesToAsk } from './login-scopes.ts'
import { readPastedAnswers } from './pasted-answer.ts'
import { listScopes } from './scope-lines.ts'
import { loginToAddTo, saveLogin } from './save-login.ts'
import { tryLogin } from './try-login.ts'

/** What the command line says of a login. */
export interface LoginOptions extends AskedFor {
  readonly account: string
  readonly clientFile: string | undefined
  /** Whether a login of somebody else, or of more scopes, may be written over. */
  readonly replace: boolean
}

/** What a login is made with. */
export interface LoginTools {
  readonly to: LoginProvider
  readonly store: LoginStore
  /** Where OAuth clients are kept. */
  readonly clients: LoginStore
  readonly steps: Steps
  /** A terminal that somebody can type into. */
  readonly input: NodeJS.ReadStream | undefined
  /** Shows an address in the browser. @returns whether there is one */
  open(url: string): Promise<boolean>
}

/** A login that was kept and tried. */
export interface LoggedIn {
  readonly saved: SavedLogin
  /** What was asked for. */
  readonly asked: readonly string[]
  /** What answered to the token. */
  readonly triedAt: string
}

/**
 * Asks a person for consent in the browser, keeps what comes of it, and tries it: says nothing of success before a call with the
 * token from the store has gone well.
 * @throws {AuthError} as `OAuthClient.finish`, and for what `awaitAnswer` and `saveLogin` refuse.
 */
export async function logIn(options: LoginOptions, tools: LoginTools): Promise<LoggedIn> {
  const { account, clientFile: file, replace } = options
  const { to, store, clients, steps } = tools
  const there = (await store.get(account))?.login
  const before = replace ? undefined : loginToAddTo(there, account, to)
  const asked = await scopesToAsk(options, before?.scopes ?? [])
  const apis = [...new Set(options.methods.map((method) => method.split(/[:.]/, 1)[0]!))]
  const client = await findClient(to, { file, before, clients, setUp: () => setUpClient(apis, to, tools) })
  const { clientId, clientSecret } = client
  const oauth = oauthClient({ clientId, clientSecret, provider: to.provider })
  steps.note('account', `${account}, at ${to.name}`)
  listScopes(steps, 'note', 'asks for', asked)
  steps.line('')
  const tokens = await askForConsent(oauth, client, asked, before, tools)
  const saved = await saveLogin(store, account, { tokens, client, from: to, replace })
  steps.line('')
  const triedAt = await tryLogin(oauth, saved, account)
  return { saved, asked, triedAt }
}

async function askForConsent(
  oauth: OAuthClient,
  { redirect }: LoginClient,
  scopes: readonly string[],
  before: SavedLogin | undefined,
  { steps, input, open }: LoginTools,
): Promise<LoginTokens> {
  const listener = await openAnswerListener(redirect)
  const pasted = input && readPastedAnswers(input, steps.line)
  try {
    const loginHint = before?.claims?.sub
    const { url, request } = await oauth.authorizationUrl({
      redirectUri: listener.redirectUri,
      scopes,
      accessType: 'offline',
      prompt: loginHint === undefined ? ['select_account', 'consent'] : 'consent',
      ...(before && { includeGrantedScopes: true }),
      loginHint,
    })
    const answered = awaitAnswer(request, listener, pasted, AbortSignal.timeout(ANSWER_LIMIT_MS))
    answered.catch(() => {}) // it may end before it is waited for
    const isOpen = await open(url)
    steps.line(
      isOpen ? 'The browser shows this page; else open it yourself:' : 'Open this page in a browser:',
    )
    steps.line(`\n${url}\n`)
    if (pasted) steps.line(PASTE)
    return await oauth.finish(await answered, request)
  } finally {
    pasted?.close()
    listener.close()
  }
}

const PASTE = `Is the browser on another machine? It ends at a page that it cannot open then:
copy the address of that page, paste it here, and press Enter. It is not shown.`
