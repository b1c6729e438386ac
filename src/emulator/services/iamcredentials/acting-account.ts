import type { Account } from '../../accounts.ts'
import { ApiFailure, invalid, notModelled } from '../../api-failure.ts'
import { isAddress, memberName } from '../../impersonation.ts'
import type { Call } from '../../service.ts'

/** What a method needs of the account that it is called for. */
export type Permission = 'getAccessToken' | 'getOpenIdToken' | 'signBlob' | 'signJwt'

/**
 * The account that a call is for, when the caller may act as it: directly, or through a chain of delegates of whom each
 * may act as the next.
 * @throws {ApiFailure} 400 for names of another form, 403 for a link that is missing or disabled.
 */
export async function actingAccount(
  { identity, parameters, principal }: Pick<Call, 'identity' | 'parameters' | 'principal'>,
  delegates: unknown,
  permission: Permission,
): Promise<Account> {
  const chain = [...(Array.isArray(delegates) ? delegates : []), parameters.text('name')].map(readName)
  let by = principal && memberName(principal)
  for (const [i, email] of chain.entries()) {
    const needed = i === chain.length - 1 ? permission : 'implicitDelegation'
    const isAllowed = by !== undefined && identity.impersonation.isAllowed(by, email)
    if (!isAllowed || identity.accounts.isDisabled(email)) throw denied(needed)
    by = email
  }
  return identity.accounts.open(by)
}

/** The address in `projects/-/serviceAccounts/ADDRESS`. */
function readName(name: unknown): string {
  const [, email] = /^projects\/-\/serviceAccounts\/([^/]+)$/.exec(String(name)) ?? []
  if (email !== undefined && isAddress(email)) return email
  if (/^\d+$/.test(email ?? '')) throw notModelled('the unique ids of service accounts')
  throw invalid(`Invalid name: '${String(name)}' is not of the form projects/-/serviceAccounts/ADDRESS.`)
}

function denied(name: Permission | 'implicitDelegation'): ApiFailure {
  const permission = `iam.serviceAccounts.${name}`
  return new ApiFailure(
    403,
    'forbidden',
    `Permission '${permission}' denied on resource (or it may not exist).`,
    { info: { reason: 'IAM_PERMISSION_DENIED', domain: 'iam.googleapis.com', metadata: { permission } } },
  )
}
