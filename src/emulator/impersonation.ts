import { ValidationError } from '../errors.ts'
import type { Principal } from './access-tokens.ts'
import { checkNames } from './check-names.ts'

/** Who may act as a service account. */
export interface ImpersonationGrant {
  /** The address of a service account or of a person, or the name of a federated identity: `principal://…`. */
  readonly by: string
  /** The address of the service account; it is made when it is first used. */
  readonly serviceAccount: string
}

/** The bindings of the role Service Account Token Creator. */
export interface Impersonation {
  /** @throws {ValidationError} for names that can be nobody's. */
  allow(grant: ImpersonationGrant): void
  /** Whether one may act as another. Everybody may act as themselves. */
  isAllowed(by: string, serviceAccount: string): boolean
}

export function createImpersonation(): Impersonation {
  const granted = new Map<string, Set<string>>()
  return {
    allow(grant) {
      checkGrant(grant)
      const { by, serviceAccount } = grant
      granted.set(serviceAccount, (granted.get(serviceAccount) ?? new Set()).add(by))
    },
    isAllowed: (by, serviceAccount) =>
      by === serviceAccount || (granted.get(serviceAccount)?.has(by) ?? false),
  }
}

/** The name that a principal is granted things under: the user's, where a service account acts for one. */
export function memberName({ email, subject }: Principal): string {
  return subject ?? email
}

/** Whether a text can be the address of an account, in a path too. */
export function isAddress(text: string): boolean {
  return /^[^\s@/:?#]+@[^\s@/:?#]+$/.test(text)
}

function checkGrant(grant: ImpersonationGrant): void {
  const what = 'emulator.allowImpersonation'
  checkNames(what, grant, ['by', 'serviceAccount'])
  const { by, serviceAccount } = grant
  const isMember = isAddress(by) || /^principal:\/\/\S+$/.test(by)
  const problems = [
    ...(isMember ? [] : [{ path: 'by', message: `'${by}' is neither an address nor a principal://…` }]),
    ...(isAddress(serviceAccount)
      ? []
      : [{ path: 'serviceAccount', message: `'${serviceAccount}' is not an address` }]),
  ]
  if (problems.length > 0) throw new ValidationError(what, problems)
}
