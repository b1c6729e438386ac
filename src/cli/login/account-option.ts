import { isAccount, NO_ACCOUNT } from '../../auth/user/account-name.ts'
import { UsageError } from '../flags.ts'
import { inShell } from '../in-shell.ts'

/** The account where the command line names none. */
export const DEFAULT_ACCOUNT = 'default'

/** How an account is named on the command line, to be shown: nothing for the default one. */
export function accountOption(account: string): string {
  if (account === DEFAULT_ACCOUNT) return ''
  return ` --account${account.startsWith('-') ? '=' : ' '}${inShell(account)}`
}

/** @throws {UsageError} for what names no account. */
export function checkAccountName(account: string): void {
  if (!isAccount(account)) throw new UsageError(`the name of an account ${NO_ACCOUNT}`)
}
