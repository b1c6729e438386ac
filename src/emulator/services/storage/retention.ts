import type { HttpResponse } from '../../../protocol/http.ts'
import { ApiFailure, invalid } from '../../api-failure.ts'
import { type Call, isJsonObject, type JsonObject } from '../../service.ts'
import { checkPreconditions } from './preconditions.ts'
import { bucketAnswer } from './bucket-answer.ts'
import { type Bucket, requireBucket, type StoredObject, touchBucket } from './storage-state.ts'

/** `storage.buckets.lockRetentionPolicy`: from now on it can be prolonged, and nothing else. */
export function lockRetentionPolicy(call: Call): HttpResponse {
  const bucket = requireBucket(call)
  checkPreconditions(call, bucket)
  const policy = retentionOf(bucket.fields)
  if (!policy) throw invalid('The bucket has no retention policy that could be locked.')
  bucket.fields = { ...bucket.fields, retentionPolicy: { ...policy, isLocked: true } }
  touchBucket(bucket, call)
  return bucketAnswer(call, bucket)
}

/**
 * The fields of a bucket with the retention policy that a body gives it. Left out, the policy stays; null takes it away.
 * @throws {ApiFailure} 403 when it is locked and would become shorter.
 */
export function withRetention(
  fields: JsonObject,
  body: JsonObject,
  { clock }: Pick<Call, 'clock'>,
): JsonObject {
  const { retentionPolicy: given } = body
  if (given === undefined) return fields
  const { retentionPolicy: _, ...others } = fields
  const before = retentionOf(fields)
  const seconds = given === null ? 0 : readSeconds(given)
  if (before?.isLocked && seconds < Number(before.retentionPeriod)) {
    throw new ApiFailure(
      403,
      'forbidden',
      'The retention policy of the bucket is locked and cannot be shortened.',
    )
  }
  if (seconds === 0) return others
  const policy: RetentionPolicy = {
    retentionPeriod: String(seconds),
    effectiveTime: before?.effectiveTime ?? new Date(clock.now()).toISOString(),
    ...(before?.isLocked && { isLocked: true }),
  }
  return { ...others, retentionPolicy: policy }
}

/** When a bucket no longer retains an object, in milliseconds since 1970; undefined without a retention policy. */
export function retainedUntil({ fields }: Bucket, { timeCreated }: StoredObject): number | undefined {
  const policy = retentionOf(fields)
  return policy && timeCreated + Number(policy.retentionPeriod) * 1000
}

/**
 * Refuses to remove or replace an object that is too young.
 * @throws {ApiFailure} 403 `retentionPolicyNotMet`
 */
export function checkRetention({ clock }: Pick<Call, 'clock'>, bucket: Bucket, object: StoredObject): void {
  const until = retainedUntil(bucket, object)
  if (until === undefined || until <= clock.now()) return
  throw new ApiFailure(
    403,
    'retentionPolicyNotMet',
    `The bucket retains the object '${bucket.name}/${object.name}' until ${new Date(until).toISOString()}.`,
  )
}

interface RetentionPolicy {
  /** Seconds. */
  readonly retentionPeriod: string
  readonly effectiveTime: string
  readonly isLocked?: boolean
}

function retentionOf(fields: JsonObject): RetentionPolicy | undefined {
  // It comes from withRetention, and from nowhere else.
  return fields.retentionPolicy as RetentionPolicy | undefined
}

/** A hundred years, as Google has it. */
const LONGEST_SECONDS = 3_155_760_000

function readSeconds(given: unknown): number {
  const seconds = isJsonObject(given) ? Number(given.retentionPeriod) : NaN
  if (Number.isInteger(seconds) && seconds >= 1 && seconds <= LONGEST_SECONDS) return seconds
  throw invalid(`The retentionPeriod must be 1 to ${LONGEST_SECONDS} seconds.`)
}
