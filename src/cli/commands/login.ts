import { defineCommand } from 'citty'
import type { AnyCommand } from '../commands.ts'
import { checkValues, UsageError } from '../flags.ts'
import { checkAccountName, DEFAULT_ACCOUNT } from '../login/account-option.ts'
import { logIn } from '../login/log-in.ts'
import { loginPlace } from '../login/login-place.ts'
import { loginProvider } from '../login/login-provider.ts'
import { openBrowser } from '../login/open-browser.ts'
import { reportLogin } from '../login/report-login.ts'
import { createSteps } from '../output.ts'

/** `discokit login`: a person consents in the browser, and programs of this machine act for them. */
const command: AnyCommand = defineCommand({
  meta: {
    name: 'login',
    description: 'Signs you in with the browser, for programs on this machine that use savedAccount()',
  },
  args: {
    account: {
      type: 'string',
      description: 'The name to save it under',
      default: DEFAULT_ACCOUNT,
      valueHint: 'name',
    },
    for: {
      type: 'string',
      description: 'What to call: drive.files.list,gmail:v1.users.stop, …',
      valueHint: 'methods',
    },
    scopes: { type: 'string', description: 'Scopes to ask for: drive.file,email, …', valueHint: 'scopes' },
    openid: {
      type: 'boolean',
      description: 'Also ask who you are; the default if nothing is named',
    },
    client: {
      type: 'string',
      description: "The OAuth client, as Google's console gives it (JSON)",
      valueHint: 'file',
    },
    replace: { type: 'boolean', description: 'Take the place of the login that there is' },
    browser: {
      type: 'boolean',
      description: 'Open the browser, as it does anyway',
      negativeDescription: 'Only print the address to open',
    },
  },
  async run({ args }): Promise<number> {
    checkValues(args, ['account', 'for', 'scopes', 'client'])
    const [extra] = args._
    if (extra !== undefined) throw new UsageError(`discokit login takes no '${extra}'`)
    const { account, client: clientFile, openid = false, replace = false } = args
    checkAccountName(account)
    const to = loginProvider()
    const place = loginPlace()
    const steps = createSteps(process.stdout)
    const input = process.stdin.isTTY && process.stdout.isTTY ? process.stdin : undefined
    const open = args.browser === false ? async () => false : openBrowser
    const methods = listIn(args.for, 'for')
    const scopes = listIn(args.scopes, 'scopes')
    const loggedIn = await logIn(
      { account, clientFile, scopes, methods, openid, replace },
      { ...place, to, steps, input, open },
    )
    await reportLogin(steps, account, loggedIn, place.store)
    return 0
  },
})

export default command

function listIn(value: string | undefined, name: string): string[] {
  const list = value === undefined ? [] : value.trim().split(/[\s,]+/)
  if (list.includes('')) throw new UsageError(`--${name} has an empty name: '${value}'`)
  return list
}
