import { type Problem, ValidationError } from '../errors.ts'
import { toBase64 } from '../protocol/base64.ts'
import { checkOptionNames } from '../request/option-names.ts'
import { type Clock, systemClock } from '../transport/clock.ts'
import { BUCKET_HOST, bucketAddress, type BucketHost, objectNameProblem } from './bucket-address.ts'
import { expiryProblem, signingTime } from './signing-time.ts'
import { readySigner, signerProblems, type UrlSigner } from './url-signer.ts'

/** Something that a form must be: a field with a value, a field that begins with something, a size of the file in bytes. */
export type PolicyCondition =
  | Readonly<Record<string, string>>
  | readonly ['eq' | 'starts-with', field: `$${string}`, value: string]
  | readonly ['content-length-range', least: number, most: number]

/** What a form lets its bearer upload, and for how long. */
export interface PostPolicyOptions extends BucketHost {
  readonly signer: UrlSigner
  readonly bucket: string
  readonly object: string
  /** How long it holds, in milliseconds from now: a second to seven days. Parts of a second are dropped. */
  readonly expiresMs: number
  /**
   * Further fields of the form, which must then be as they are here: `content-type`, `cache-control`, `x-goog-meta-…`,
   * `success_action_status`, `success_action_redirect`, `acl`. Those that begin with `x-ignore-` may be anything.
   */
  readonly fields?: Readonly<Record<string, string | undefined>> | undefined
  /** What else the form must be: `['content-length-range', 1, 10_000_000]`, `['starts-with', '$content-type', 'image/']`. */
  readonly conditions?: readonly PolicyCondition[] | undefined
  readonly clock?: Clock | undefined
}

/** A form that uploads: where it is posted, and what it has before the field `file`, which comes last. */
export interface PostPolicy {
  readonly url: string
  readonly fields: Readonly<Record<string, string>>
}

/**
 * What a page needs to upload straight from the browser by a form (`multipart/form-data`), under conditions that Cloud Storage
 * checks. Nothing is sent, unless IAM has to sign.
 *
 * ```ts
 * import { serviceAccount } from 'discokit/auth'
 * import { postPolicy } from 'discokit/storage'
 *
 * const { url, fields } = await postPolicy({
 *   signer: serviceAccount({ keyFile: 'key.json' }),
 *   bucket: 'my-photos',
 *   object: 'cat.jpg',
 *   expiresMs: 15 * 60_000,
 *   fields: { 'content-type': 'image/jpeg', success_action_status: '201' },
 *   conditions: [['content-length-range', 1, 10_000_000]],
 * })
 * ```
 *
 * @throws {ValidationError} for options that cannot be used.
 * @throws {AuthError} when the key cannot be read, or IAM does not sign.
 */
export async function postPolicy(options: PostPolicyOptions): Promise<PostPolicy> {
  checkOptionNames(WHAT, options, OPTIONS)
  const { bucket, object, expiresMs, conditions = [], clock = systemClock } = options
  const problems: Problem[] = []
  const { origin, bucketPath } = bucketAddress(bucket, options, problems)
  const given = checkedFields(options.fields ?? {}, problems)
  check(options, problems)
  if (problems.length > 0) throw new ValidationError(WHAT, problems)

  const signer = await readySigner(WHAT, options.signer)
  const now = clock.now()
  const { date, day, scope } = signingTime(now)
  const own = {
    'x-goog-date': date,
    'x-goog-credential': `${signer.id}/${scope}`,
    'x-goog-algorithm': signer.algorithm,
  }
  const policy = encodePolicy(
    [
      ...Object.entries(given).filter(([name]) => !IGNORED.test(name)),
      ...conditions,
      ...Object.entries({ bucket, key: object, ...own }),
    ],
    now + expiresMs,
  )
  const signature = await signer.sign(policy, day)
  return {
    url: `${origin}${bucketPath}/`,
    fields: { ...given, key: object, ...own, policy, 'x-goog-signature': signature },
  }
}

const WHAT = 'no policy can be signed'
const OPTIONS = ['signer', 'bucket', 'object', 'expiresMs', 'fields', 'conditions', 'clock', ...BUCKET_HOST]
/** What the form has besides. */
const RESERVED = /^(bucket|file|key|policy|x-goog-(algorithm|credential|date|signature))$/i
/** Fields that no condition is about. */
const IGNORED = /^x-ignore-/i

/** The policy in base64, which is what is signed. Cloud Storage wants it in ASCII. */
function encodePolicy(
  conditions: readonly (PolicyCondition | readonly [field: string, value: string])[],
  expiresAt: number,
): string {
  const expiration = `${new Date(expiresAt).toISOString().slice(0, 19)}Z`
  const text = JSON.stringify({
    conditions: conditions.map((condition) =>
      isPair(condition) ? { [condition[0]]: condition[1] } : condition,
    ),
    expiration,
  })
  const ascii = text.replace(
    /[^\0-\x7f]/g,
    (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
  return toBase64(new TextEncoder().encode(ascii))
}

function isPair(
  condition: PolicyCondition | readonly [field: string, value: string],
): condition is readonly [field: string, value: string] {
  return Array.isArray(condition) && condition.length === 2
}

function check({ object, expiresMs, conditions = [], signer }: PostPolicyOptions, problems: Problem[]): void {
  const add = (path: string, message: string | undefined): void => {
    if (message !== undefined) problems.push({ path, message })
  }
  problems.push(...signerProblems(signer))
  add('object', objectNameProblem(object))
  add('expiresMs', expiryProblem(expiresMs))
  if (!Array.isArray(conditions)) return add('conditions', 'must be a list')
  for (const [i, condition] of conditions.entries()) add(`conditions[${i}]`, conditionProblem(condition))
}

function conditionProblem(condition: unknown): string | undefined {
  if (!Array.isArray(condition)) {
    const values = typeof condition === 'object' && condition !== null ? Object.values(condition) : []
    return values.length === 1 && typeof values[0] === 'string'
      ? undefined
      : "must be { field: value }, ['starts-with', '$field', value] or ['content-length-range', least, most]"
  }
  const [operator, first, second] = condition as unknown[]
  if (operator === 'content-length-range')
    return isSize(first) && isSize(second) && first <= second
      ? undefined
      : 'must have two numbers of bytes, the smaller one first'
  if (operator !== 'starts-with' && operator !== 'eq')
    return "must begin with 'eq', 'starts-with' or 'content-length-range'"
  return typeof first === 'string' && /^\$./s.test(first) && typeof second === 'string'
    ? undefined
    : "must name a field as '$content-type', and what it is or begins with"
}

function isSize(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0
}

function checkedFields(
  fields: NonNullable<PostPolicyOptions['fields']>,
  problems: Problem[],
): Readonly<Record<string, string>> {
  const given = Object.entries(fields).filter((field): field is [string, string] => field[1] !== undefined)
  for (const [name, value] of given) {
    const add = (message: string): void => void problems.push({ path: `fields.${name}`, message })
    if (RESERVED.test(name)) add('is added by the policy')
    else if (typeof value !== 'string') add('must be text')
    else if (/[\r\n"]/.test(name) || /\p{Surrogate}/u.test(name + value))
      add('has characters that no form can send')
  }
  return Object.fromEntries(given)
}
