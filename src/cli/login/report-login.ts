import type { FileLoginStore } from 'discokit/node'
import type { Steps } from '../output.ts'
import { accountOption, DEFAULT_ACCOUNT } from './account-option.ts'
import type { LoggedIn } from './log-in.ts'
import { describeKey } from './login-place.ts'
import { isGranted } from './login-scopes.ts'
import { listScopes } from './scope-lines.ts'

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
  listScopes(steps, 'done', 'granted', scopes)
  const missing = asked.filter((scope) => !isGranted(scope, scopes))
  listScopes(steps, 'warn', 'not granted', missing)
  steps.done('saved as', account)
  steps.note('in', store.folder)
  steps.note('encrypted with', await describeKey(store))
  steps.done('works', `${triedAt} answered`)
  if (endsAt !== undefined) {
    // Seven days are what Google gives logins of a project whose audience is still Testing.
    const isTesting = endsAt - Date.now() < 8 * DAY_MS
    steps.warn('ends', `${dayOf(endsAt)}${isTesting ? ': the project is in Testing. Publish it at' : ''}`)
    if (isTesting) steps.note('', 'https://console.cloud.google.com/auth/audience, log in anew')
  }
  const name = account === DEFAULT_ACCOUNT ? '' : inProgram(account)
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

const DAY_MS = 86_400_000

/** A text as programs write it. */
function inProgram(value: string): string {
  return /['\\]/.test(value) ? JSON.stringify(value) : `'${value}'`
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined
}
