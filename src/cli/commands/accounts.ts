import { defineCommand } from 'citty'
import type { AnyCommand } from '../commands.ts'
import { checkValues, UsageError } from '../flags.ts'
import { inShell } from '../in-shell.ts'
import { exportLogin } from '../login/export-login.ts'
import { checkAccountName } from '../login/account-option.ts'
import { accountTable, listAccounts } from '../login/list-accounts.ts'
import { loginPlace } from '../login/login-place.ts'
import { plainLine, plainText, tellFailure } from '../output.ts'
import { writeSecretFile } from '../write-secret-file.ts'

/** `discokit accounts` and `discokit accounts export`: who has logged in here. */
const command: AnyCommand = defineCommand({
  meta: {
    name: 'accounts',
    description:
      'Shows who has logged in here, never with a secret; export NAME writes a login as a file for GOOGLE_APPLICATION_CREDENTIALS',
  },
  args: {
    action: { type: 'positional', description: 'export', required: false },
    name: { type: 'positional', description: 'The login to export', required: false },
    json: { type: 'boolean', description: 'Show the list as JSON' },
    to: { type: 'string', description: 'Export into this file, which only you can read', valueHint: 'file' },
    show: { type: 'boolean', description: 'Export to the terminal' },
  },
  async run({ args }): Promise<number> {
    checkValues(args, ['to'])
    const [action, name, extra] = args._
    const { json = false, to, show = false } = args
    if (extra !== undefined) throw new UsageError(`discokit accounts export takes no '${extra}'`)
    if (action === undefined) {
      if (to !== undefined || show)
        throw new UsageError('--to and --show are of: discokit accounts export NAME')
      return list(json)
    }
    if (action !== 'export')
      throw new UsageError(
        `there is no 'accounts ${action}': accounts alone, or accounts export`,
        ['export'],
        action,
      )
    if (name === undefined) throw new UsageError('which login? discokit accounts export NAME')
    checkAccountName(name)
    if (json) throw new UsageError('an export is JSON in any case')
    if (to !== undefined && show) throw new UsageError('--to and --show do not go together')
    if (to === undefined && !show && process.stdout.isTTY)
      throw new UsageError('a login on the screen lets in whoever sees it: give --to FILE, or --show')
    return exportTo(name, to)
  },
})

export default command

async function list(json: boolean): Promise<number> {
  const { store } = loginPlace()
  const { accounts, unreadable } = await store.contents()
  const all = await listAccounts(store, accounts)
  if (json) process.stdout.write(`${plainText(JSON.stringify(all, null, 2))}\n`)
  else if (all.length === 0 && unreadable.length === 0)
    process.stdout.write('Nobody has logged in here: discokit login\n')
  else for (const line of accountTable(all, Date.now())) process.stdout.write(`${plainLine(line)}\n`)
  for (const { message } of unreadable) tellFailure(message)
  return unreadable.length === 0 ? 0 : 1
}

async function exportTo(name: string, to: string | undefined): Promise<number> {
  const { store } = loginPlace()
  const file = await exportLogin(store, name)
  if (to === undefined) process.stdout.write(`${JSON.stringify(file, null, 2)}\n`)
  else {
    await writeSecretFile(to, file, '--to')
    process.stdout.write(`GOOGLE_APPLICATION_CREDENTIALS=${inShell(to)}\n`)
  }
  return 0
}
