import { ValidationError } from '../errors.ts'
import { checkNames } from './check-names.ts'
import type { Identity } from './identity.ts'
import { isAddress } from './impersonation.ts'

/** Which program elsewhere, and as whom it acts. */
export interface ExternalAccountOptions {
  /** What its provider calls it; default `workload`. */
  readonly subject?: string
  /** The service account that it acts as, for which it is let. Default: it acts as itself. */
  readonly serviceAccount?: string
}

/** The content of a credential configuration file, but for `credential_source`: where the subject token lies. */
export interface ExternalAccountFile {
  readonly type: 'external_account'
  readonly audience: string
  readonly subject_token_type: 'urn:ietf:params:oauth:token-type:jwt'
  readonly token_url: string
  readonly token_info_url: string
  readonly service_account_impersonation_url?: string
  readonly universe_domain: 'googleapis.com'
}

/** A program for which a provider other than Google vouches (workload identity federation). */
export interface ExternalAccount {
  readonly file: ExternalAccountFile
  /** By which name it can be granted something: `principal://…`. */
  readonly principal: string
  /**
   * A fresh token of the provider, valid for an hour by the emulator's clock.
   * @param claims claims to add, or to put in the place of others, such as `exp`
   */
  subjectToken(claims?: Readonly<Record<string, unknown>>): Promise<string>
}

/**
 * @param url of the emulator
 * @throws {ValidationError} for a subject or an address that could be none.
 */
export function externalAccount(
  { provider, impersonation }: Identity,
  url: string,
  options: ExternalAccountOptions,
): ExternalAccount {
  check(options)
  const { subject = 'workload', serviceAccount } = options
  const principal = provider.principal(subject)
  if (serviceAccount !== undefined) impersonation.allow({ by: principal, serviceAccount })
  const sts = `${url}/sts.googleapis.com/v1`
  const accounts = `${url}/iamcredentials.googleapis.com/v1/projects/-/serviceAccounts`
  return {
    principal,
    subjectToken: (claims) => provider.issue(subject, claims),
    file: {
      type: 'external_account',
      audience: provider.audience,
      subject_token_type: 'urn:ietf:params:oauth:token-type:jwt',
      token_url: `${sts}/token`,
      token_info_url: `${sts}/introspect`,
      ...(serviceAccount !== undefined && {
        service_account_impersonation_url: `${accounts}/${serviceAccount}:generateAccessToken`,
      }),
      universe_domain: 'googleapis.com',
    },
  }
}

function check(options: ExternalAccountOptions): void {
  const what = 'emulator.externalAccount'
  checkNames(what, options, ['subject', 'serviceAccount'])
  const { subject = 'workload', serviceAccount } = options
  const problems = [
    ...(/^\S{1,127}$/.test(subject)
      ? []
      : [{ path: 'subject', message: 'must have 1 to 127 characters and no space' }]),
    ...(serviceAccount === undefined || isAddress(serviceAccount)
      ? []
      : [{ path: 'serviceAccount', message: `'${serviceAccount}' is not an address` }]),
  ]
  if (problems.length > 0) throw new ValidationError(what, problems)
}
