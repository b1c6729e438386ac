import { CREDENTIAL_NAMES } from '../protocol/credential-names.ts'

/** Whether a path of a document asks for a key or a token as a part of it. */
export function hasCredentialInPath(template: string): boolean {
  return new RegExp(`\\{\\+?(${CREDENTIAL_NAMES.join('|')})\\}`).test(template)
}
