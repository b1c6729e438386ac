import type { FileLoginStore } from 'discokit/node'
import type { Steps } from '../output.ts'
import { accountOption, DEFAULT_ACCOUNT } from './account-option.ts'
import type { LoggedIn } from './log-in.ts'
import { describeKey } from './login-place.ts'
import { isGranted, shortScope } from './login-scopes.ts'

/** Tells who has logged in, what was granted and what was not, where it is kept, how long, and what comes next. */
export async function reportLogin(
  steps: Steps,
  account: string,
  { saved, asked, triedAt }: LoggedIn,
  store: FileLoginStore,
): Promise<void> {
  const { claims, scopes = [], refreshTokenExpiresAt: endsAt } = saved
  if (claims) {
    steps.done('signed in', text(claims['email']) ?? claims.sub)
    for (const [label, value] of [
      ['id (sub)', claims.sub],
      ['name', text(claims['name'])],
      ['organisation (hd)', text(claims['hd'])],
    ] as const)
      if (value !== undefined) steps.note(label, value)
  }
  listing('granted', scopes, (label, detail) => steps.done(label, detail), steps)
  const missing = asked.filter((scope) => !isGranted(scope, scopes))
  listing('not granted', missing, (label, detail) => steps.warn(label, detail), steps)
  steps.done('saved as', account)
  steps.note('in', store.folder)
  steps.note('encrypted with', await describeKey(store))
  steps.done('works', `${triedAt} answered`)
  if (endsAt !== undefined) {
    steps.warn('ends', `${dayOf(endsAt)}: the project is in Testing. Publish it at`)
    steps.note('', 'https://console.cloud.google.com/auth/audience, log in anew')
  }
  const name = account === DEFAULT_ACCOUNT ? '' : JSON.stringify(account).replaceAll('"', "'")
  steps.line(`
Next, in a program:

  import { createClient } from 'discokit'
  import { savedAccount } from 'discokit/node'
  const google = createClient({ auth: savedAccount(${name}) })

To see it again: discokit accounts. To end it: discokit logout${accountOption(account)}`)
}

/** The day of a time, as everybody reads it. @param time milliseconds since 1970 */
export function dayOf(time: number): string {
  return new Date(Math.min(time, 8.64e15)).toISOString().slice(0, 10)
}

/** Scopes in lines that fit. */
function listing(
  label: string,
  scopes: readonly string[],
  first: (label: string, detail: string) => void,
  steps: Steps,
): void {
  let line = ''
  let tell = first
  let name = label
  const flush = (): void => {
    if (line !== '') tell(name, line)
    ;[line, tell, name] = ['', (_label, detail) => steps.note('', detail), '']
  }
  for (const scope of scopes.map(shortScope)) {
    if (line !== '' && line.length + scope.length + 2 > WIDTH) flush()
    line += line === '' ? scope : `, ${scope}`
  }
  flush()
}

/** What is left of 80 columns behind a label. */
const WIDTH = 56

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
