import { AuthError, type Problem, ValidationError } from '../errors.ts'
import type { HttpHeaders } from '../protocol/http.ts'
import { nearestName } from '../request/nearest-name.ts'
import { checkOptionNames } from '../request/option-names.ts'
import type { Credentials, CredentialsContext } from '../transport/credentials.ts'
import { DEFAULT_UNIVERSE } from '../transport/origin-policy.ts'
import { checkTokenUri } from './account/service-account-key.ts'
import { exchangeToken } from './iam/sts.ts'
import type { AccessToken } from './tokens/token-cache.ts'
import { tokenCredentials } from './tokens/token-credentials.ts'

/** What a token may still do, of all that the whole one may. */
export interface AccessBoundaryRule {
  /** The bucket: `//storage.googleapis.com/projects/_/buckets/photos`. */
  readonly availableResource: string
  /** Roles there: `inRole:roles/storage.objectViewer`. */
  readonly availablePermissions: readonly string[]
  /** An expression in CEL: `resource.name.startsWith('projects/_/buckets/photos/objects/2026/')`. */
  readonly availabilityCondition?: {
    readonly expression: string
    readonly title?: string
    readonly description?: string
  }
}

/** What a downscoped credential is made of. */
export interface DownscopedOptions {
  /** The credential with the whole power. It must give tokens for all of Google Cloud. */
  readonly source: Credentials
  /** One to ten; what any of them allows is allowed. */
  readonly rules: readonly AccessBoundaryRule[]
  /** Default `https://sts.googleapis.com/v1/token`. */
  readonly tokenUri?: string | undefined
  readonly universeDomain?: string | undefined
}

/**
 * A credential with less power than another (a credential access boundary): for some buckets of Cloud Storage, some roles,
 * some names. Its token can be given to somebody who should do no more, and ends no later than that of its source. When the
 * exchange is refused, the source is asked for another token, once.
 *
 * ```ts
 * import { createClient } from 'discokit'
 * import { adc, downscoped } from 'discokit/auth'
 *
 * const reader = downscoped({
 *   source: adc(),
 *   rules: [
 *     {
 *       availableResource: '//storage.googleapis.com/projects/_/buckets/photos',
 *       availablePermissions: ['inRole:roles/storage.objectViewer'],
 *     },
 *   ],
 * })
 * const google = createClient({ auth: reader })
 * ```
 *
 * @throws {ValidationError} for options that cannot be used.
 */
export function downscoped(options: DownscopedOptions): Credentials {
  const { source, universeDomain = DEFAULT_UNIVERSE } = options
  const { tokenUri = `https://sts.${universeDomain}/v1/token` } = options
  check(options, universeDomain)
  const boundary = { accessBoundary: { accessBoundaryRules: structuredClone(options.rules) } }

  async function fetchToken(context: CredentialsContext, isLastTry = false): Promise<AccessToken> {
    const target = { url: tokenUri }
    const given = source.headers(target, context)
    const headers = given instanceof Promise ? await given : given
    const endsAt = source.endsAt?.(target)
    const exchange = {
      tokenUri,
      what: `the downscoped credential (${source.kind})`,
      subjectToken: tokenOf(source, headers),
      subjectTokenType: 'urn:ietf:params:oauth:token-type:access_token',
      options: boundary,
      assumedLifetimeMs: endsAt === undefined ? UNTOLD_LIFETIME_MS : endsAt - context.clock.now(),
    }
    try {
      return await exchangeToken(exchange, context)
    } catch (error) {
      const isRefused = error instanceof AuthError && (error.status === 400 || error.status === 401)
      if (isLastTry || !isRefused || !source.refused?.(headers)) throw error
      context.tokenStore?.refused(headers)
      return fetchToken(context, true)
    }
  }

  return tokenCredentials({ kind: 'downscoped', fetchToken: (context) => fetchToken(context) })
}

/** Where neither the answer nor the source says when its token ends, which may be soon. */
const UNTOLD_LIFETIME_MS = 300_000
const MAX_RULES = 10

function tokenOf({ kind }: Credentials, { authorization = '' }: HttpHeaders): string {
  const [, token] = /^Bearer ([\x21-\x7e]+)$/.exec(authorization) ?? []
  if (token !== undefined) return token
  throw new AuthError(`a credential of the kind '${kind}' has no token that could be downscoped`, {
    reason: 'no_token',
  })
}

function check(options: DownscopedOptions, universeDomain: string): void {
  const what = 'the credential cannot be downscoped'
  checkOptionNames(what, options, ['source', 'rules', 'tokenUri', 'universeDomain'])
  const { source, rules, tokenUri } = options
  const problems: Problem[] = []
  if (typeof source?.headers !== 'function')
    problems.push({ path: 'source', message: 'must be the credential with the whole power' })
  if (!Array.isArray(rules) || rules.length < 1 || rules.length > MAX_RULES)
    problems.push({ path: 'rules', message: `must be a list of one to ${MAX_RULES} rules` })
  else rules.forEach((rule: AccessBoundaryRule, i) => problems.push(...checkRule(rule, `rules[${i}]`)))
  if (problems.length > 0) throw new ValidationError(what, problems)
  checkTokenUri(tokenUri, 'the downscoped credential', universeDomain)
}

function unknownNames(value: object | undefined, path: string, known: readonly string[]): Problem[] {
  const unknown = Object.keys(value ?? {}).filter((name) => !known.includes(name))
  return unknown.map((name) => {
    const suggestion = nearestName(name, known)
    const problem = { path: `${path}.${name}`, message: 'is not a member of a rule' }
    return suggestion === undefined ? problem : { ...problem, suggestion }
  })
}

function checkRule(rule: AccessBoundaryRule, path: string): Problem[] {
  const { availableResource, availablePermissions, availabilityCondition } = rule ?? {}
  // A condition whose name is misspelt would leave the token without one.
  const problems = [
    ...unknownNames(rule, path, ['availableResource', 'availablePermissions', 'availabilityCondition']),
    ...unknownNames(availabilityCondition, `${path}.availabilityCondition`, [
      'expression',
      'title',
      'description',
    ]),
  ]
  if (typeof availableResource !== 'string' || !availableResource.startsWith('//'))
    problems.push({
      path: `${path}.availableResource`,
      message: 'must be a full name such as //storage.googleapis.com/projects/_/buckets/NAME',
    })
  const roles: readonly unknown[] = Array.isArray(availablePermissions) ? availablePermissions : []
  if (roles.length === 0 || !roles.every((role) => typeof role === 'string' && role.startsWith('inRole:')))
    problems.push({
      path: `${path}.availablePermissions`,
      message: 'must be a list of roles such as inRole:roles/storage.objectViewer',
    })
  const expression: unknown = availabilityCondition?.expression
  if (availabilityCondition !== undefined && (typeof expression !== 'string' || expression === ''))
    problems.push({ path: `${path}.availabilityCondition.expression`, message: 'is required' })
  return problems
}
