import { type Problem, ValidationError } from '../../errors.ts'
import { checkOptionNames } from '../../request/option-names.ts'
import { DEFAULT_UNIVERSE } from '../../transport/origin-policy.ts'
import { checkTokenUri } from '../account/service-account-key.ts'
import type { ExchangeCodeOptions } from '../exchange-code.ts'
import { ASK_OPTIONS } from './ask-options.ts'

/**
 * @throws {ValidationError} for options that cannot be used.
 * @throws {AuthError} for an endpoint that is not to be trusted.
 */
export function checkCodeOptions(options: ExchangeCodeOptions | undefined): void {
  checkOptionNames(WHAT, options ?? {}, OPTIONS)
  const { clientId, clientSecret, code, redirectUri, codeVerifier }: Partial<ExchangeCodeOptions> =
    options ?? {}
  const problems: Problem[] = []
  const must = (holds: boolean, path: string, message: string): void => {
    if (!holds) problems.push({ path, message })
  }
  for (const [path, value] of Object.entries({ clientId, code })) must(isText(value), path, 'is required')
  must(isText(redirectUri) && URL.canParse(redirectUri ?? ''), 'redirectUri', 'must be an absolute address')
  must(
    codeVerifier === undefined || /^[\w.~-]{43,128}$/.test(codeVerifier),
    'codeVerifier',
    'must have 43 to 128 letters, digits and -._~',
  )
  const place = placeOfSecret(options ?? {})
  must(/^(body|basic|none)$/.test(place), 'clientAuthentication', "must be 'body', 'basic' or 'none'")
  must(place === 'none' || isText(clientSecret), 'clientSecret', 'is needed to show who the client is')
  if (problems.length > 0) throw new ValidationError(WHAT, problems)
  checkTokenUri(options?.tokenUri, 'the exchange of a code', options?.universeDomain ?? DEFAULT_UNIVERSE)
}

/** Where the client shows its secret. */
export function placeOfSecret({ clientSecret, clientAuthentication }: Partial<ExchangeCodeOptions>): string {
  return clientAuthentication ?? (clientSecret === undefined ? 'none' : 'body')
}

const WHAT = 'the code cannot be exchanged'
const OPTIONS = [
  ...ASK_OPTIONS,
  'clientId',
  'clientSecret',
  'code',
  'redirectUri',
  'codeVerifier',
  'clientAuthentication',
  'tokenUri',
  'universeDomain',
]

function isText(value: unknown): boolean {
  return typeof value === 'string' && value !== ''
}
