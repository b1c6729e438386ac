import { fromBase64 } from '../../protocol/base64.ts'
import { isJsonObject } from '../service.ts'
import type { FormSize } from './form-post.ts'
import { xmlFailure } from './xml-text.ts'

/**
 * Holds a form against its policy: it must not have expired, every condition must hold, and no field may be without one.
 * @param policy JSON in base64
 * @param fields those before the file, and the bucket
 * @returns how large the file may be
 * @throws {ApiFailure} 400 for a policy that cannot be read or has expired, 403 for a form that is another.
 */
export function checkPolicy(policy: string, fields: Readonly<Record<string, string>>, now: number): FormSize {
  const { expiration, conditions } = readPolicy(policy)
  if (now >= expiration)
    throw invalidPolicy(`Policy expired at ${new Date(expiration).toISOString().slice(0, 19)}Z.`)
  const covered = new Set(conditions.map(({ field }) => field))
  for (const { field, holds, text } of conditions) {
    if (field !== undefined && !holds(fields[field] ?? '')) throw violated(`Policy Condition failed: ${text}`)
  }
  for (const name of Object.keys(fields)) {
    if (!covered.has(name) && !FREE.test(name))
      throw violated(`Policy did not reference these fields: ${name}`)
  }
  const sizes = conditions.flatMap(({ size }) => size ?? [])
  return {
    least: Math.max(0, ...sizes.map(({ least }) => least)),
    most: Math.min(Infinity, ...sizes.map(({ most }) => most)),
  }
}

/** A condition: about a field, or about the size of the file. */
interface Condition {
  /** In lower case. */
  readonly field?: string
  readonly size?: FormSize
  holds(value: string): boolean
  /** As in the policy. */
  readonly text: string
}

/** Fields that no condition has to be about. */
const FREE = /^(bucket|policy|x-goog-signature|x-ignore-.*)$/

function readPolicy(policy: string): { expiration: number; conditions: readonly Condition[] } {
  let value: unknown
  try {
    value = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(fromBase64(policy)))
  } catch {
    throw invalidPolicy('The policy is not JSON in base64.')
  }
  const { expiration, conditions } = isJsonObject(value) ? value : {}
  const time = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z$/.test(String(expiration))
    ? Date.parse(String(expiration))
    : NaN
  if (Number.isNaN(time)) throw invalidPolicy('The policy has no expiration in UTC.')
  if (!Array.isArray(conditions)) throw invalidPolicy('The policy has no list of conditions.')
  return { expiration: time, conditions: conditions.map(readCondition) }
}

function readCondition(condition: unknown): Condition {
  const text = JSON.stringify(condition)
  if (Array.isArray(condition) && condition.length === 3) {
    const [operator, first, second] = condition as [unknown, unknown, unknown]
    if (operator === 'content-length-range' && Number.isInteger(first) && Number.isInteger(second))
      return { size: { least: Number(first), most: Number(second) }, holds: () => true, text }
    if (typeof first === 'string' && first.startsWith('$') && typeof second === 'string') {
      const field = first.slice(1).toLowerCase()
      if (operator === 'eq') return { field, holds: (value) => value === second, text }
      if (operator === 'starts-with') return { field, holds: (value) => value.startsWith(second), text }
    }
  } else if (isJsonObject(condition)) {
    const [[name, wanted] = ['', undefined], ...others] = Object.entries(condition)
    if (others.length === 0 && typeof wanted === 'string')
      return { field: name.toLowerCase(), holds: (value) => value === wanted, text }
  }
  throw invalidPolicy(`The policy has a condition of another form: ${text}`)
}

function violated(details: string): Error {
  return xmlFailure(403, 'AccessDenied', 'Access denied.', {
    Details: `Invalid according to Policy: ${details}`,
  })
}

function invalidPolicy(details: string): Error {
  return xmlFailure(
    400,
    'InvalidPolicyDocument',
    'The content of the form does not meet the conditions specified in the policy document.',
    { Details: details },
  )
}
