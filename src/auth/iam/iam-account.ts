import { type Problem, ValidationError } from '../../errors.ts'
import { checkOptionNames } from '../../request/option-names.ts'
import type { Credentials } from '../../transport/credentials.ts'
import { originOf } from '../../transport/origin.ts'

/** A service account that somebody else may speak for, and who that is. */
export interface IamAccount {
  /** Who asks. It needs the role `roles/iam.serviceAccountTokenCreator` on the account. */
  readonly source: Credentials
  /** The address of the account. */
  readonly serviceAccount: string
  /** Accounts in between, each with that role on the next. */
  readonly delegates?: readonly string[] | undefined
  readonly universeDomain?: string | undefined
  /** An address that stands in for `https://iamcredentials.googleapis.com`. */
  readonly iamEndpoint?: string | undefined
}

/**
 * @param what what cannot be done, for the error
 * @param names of further options
 * @param problems with those
 * @throws {ValidationError} for options that cannot be used.
 */
export function checkIamAccount(
  what: string,
  options: IamAccount,
  names: readonly string[] = [],
  problems: readonly Problem[] = [],
): void {
  checkOptionNames(what, options, [...OPTIONS, ...names])
  const { source, serviceAccount, delegates = [], iamEndpoint } = options
  const own: Problem[] = []
  const add = (path: string, message: string): void => void own.push({ path, message })
  if (typeof source?.headers !== 'function') add('source', 'must be the credential that asks, such as adc()')
  if (!ADDRESS.test(serviceAccount)) add('serviceAccount', 'must be the address of a service account')
  if (!Array.isArray(delegates) || !delegates.every((delegate) => ADDRESS.test(delegate as string)))
    add('delegates', 'must be a list of addresses of service accounts')
  if (iamEndpoint !== undefined && !isEndpoint(iamEndpoint))
    add('iamEndpoint', 'must be an https address, or http on this machine')
  if (own.length + problems.length > 0) throw new ValidationError(what, [...own, ...problems])
}

const OPTIONS = ['source', 'serviceAccount', 'delegates', 'universeDomain', 'iamEndpoint']
const ADDRESS = /^[\w.+-]+@[\w.-]+$/

function isEndpoint(address: unknown): boolean {
  const origin = typeof address === 'string' ? originOf(address) : undefined
  return origin !== undefined && (origin.protocol === 'https:' || origin.loopback)
}
