import { defineCommand } from 'citty'
import { DiscokitError } from '../../errors.ts'
import type { AnyCommand } from '../commands.ts'
import { checkValues, UsageError } from '../flags.ts'
import { checkAccountName, DEFAULT_ACCOUNT } from '../login/account-option.ts'
import { endedToo, logOut } from '../login/log-out.ts'
import { loginPlace } from '../login/login-place.ts'
import { loginProvider } from '../login/login-provider.ts'
import { whoIs } from '../login/who-is.ts'
import { createSteps, tellFailure } from '../output.ts'

/** `discokit logout`: the consent is taken back, and the login forgotten. */
const command: AnyCommand = defineCommand({
  meta: {
    name: 'logout',
    description: 'Takes the consent of a login back at Google, and forgets the login here',
  },
  args: {
    account: {
      type: 'string',
      description: `The login to end; default: ${DEFAULT_ACCOUNT}`,
      valueHint: 'name',
    },
    all: { type: 'boolean', description: 'End all of them' },
    local: { type: 'boolean', description: 'Only forget it here: what was consented to stays' },
  },
  async run({ args }): Promise<number> {
    checkValues(args, ['account'])
    const [extra] = args._
    if (extra !== undefined) throw new UsageError(`discokit logout takes no '${extra}'`)
    const { account = DEFAULT_ACCOUNT, all = false, local = false } = args
    checkAccountName(account)
    if (all && args.account !== undefined)
      throw new UsageError('--all ends every login, so --account has no use')
    const to = loginProvider()
    const { store } = loginPlace()
    const steps = createSteps(process.stdout)
    const { accounts, unreadable } = all ? await store.contents() : { accounts: [account], unreadable: [] }
    if (accounts.length + unreadable.length === 0) steps.line('Nobody has logged in here.')
    for (const { message } of unreadable) tellFailure(message)
    let failed = unreadable.length
    for (const name of accounts.toSorted()) {
      try {
        const { login, consent } = await logOut(store, name, to, local)
        const became = login ? WORDS[consent] : UNREADABLE
        steps.done(name, login?.claims ? `${whoIs(login)}: ${became}` : became)
        if (all || consent !== 'revoked') continue
        for (const other of await endedToo(store, login))
          steps.warn(other, `has ended too: it is of the same person and client`)
      } catch (error) {
        if (!all || !(error instanceof DiscokitError)) throw error
        failed++
        tellFailure(error.message)
      }
    }
    return failed === 0 ? 0 : 1
  },
})

export default command

const WORDS = {
  revoked: 'revoked and forgotten',
  'revoked before': 'was worth nothing any more, and is forgotten',
  local: 'forgotten here, not revoked',
} as const
const UNREADABLE = 'could not be opened, and is forgotten here, not revoked'
