import type { HttpResponse } from '../../../protocol/http.ts'
import { jsonAnswer } from '../../answers.ts'
import { ApiFailure, invalid, invalidParameter } from '../../api-failure.ts'
import { checkShape } from '../../fields.ts'
import { type Call, isJsonObject, type JsonObject, readJsonObject } from '../../service.ts'
import { unmet } from './preconditions.ts'
import { type Bucket, requireBucket } from './storage-state.ts'

/** Who may do what with a bucket, by roles. It is kept, and does not change what anybody may do. */
export interface BucketPolicy {
  readonly version: number
  readonly bindings: readonly JsonObject[]
  readonly revision: number
}

/** The policy of a new bucket. */
export function newPolicy(project: string): BucketPolicy {
  const [owner, editor, viewer] = ['Owner', 'Editor', 'Viewer'].map((kind) => `project${kind}:${project}`)
  const bindings = [
    { role: 'roles/storage.legacyBucketOwner', members: [editor, owner] },
    { role: 'roles/storage.legacyBucketReader', members: [viewer] },
  ]
  return { version: 1, bindings, revision: 1 }
}

/** `storage.buckets.getIamPolicy` */
export function getIamPolicy(call: Call): HttpResponse {
  const bucket = requireBucket(call)
  const asked = call.parameters.number('optionsRequestedPolicyVersion') ?? 1
  if (asked < 3 && bucket.policy.bindings.some(({ condition }) => condition)) {
    throw new ApiFailure(
      412,
      'conditionNotMet',
      'The policy has conditions; ask for it with optionsRequestedPolicyVersion=3.',
    )
  }
  return jsonAnswer(shownPolicy(bucket))
}

/** `storage.buckets.setIamPolicy`. An `etag` in the body makes it conditional. */
export async function setIamPolicy(call: Call): Promise<HttpResponse> {
  const body = await readJsonObject(call.body)
  const bindings = readBindings(body.bindings)
  const version = body.version ?? 1
  if (version !== 1 && version !== 3) throw invalid('The version of a policy must be 1 or 3.')
  if (version === 1 && bindings.some(({ condition }) => condition)) {
    throw invalid('Bindings with a condition need a policy of version 3.')
  }
  const bucket = requireBucket(call)
  const { etag } = body
  if (etag !== undefined && etag !== null && etag !== etagOf(bucket.policy)) throw unmet('etag', 'parameter')
  bucket.policy = { version, bindings, revision: bucket.policy.revision + 1 }
  return jsonAnswer(shownPolicy(bucket))
}

/** `storage.buckets.testIamPermissions`: whoever is let in has them all. */
export function testIamPermissions(call: Call): HttpResponse {
  requireBucket(call)
  const permissions = call.parameters.all('permissions').map(String)
  const unknown = permissions.find((permission) => !/^storage\.[a-zA-Z]+\.[a-zA-Z]+$/.test(permission))
  if (unknown !== undefined) throw invalidParameter('permissions', `Permission ${unknown} is not valid here.`)
  return jsonAnswer({ kind: 'storage#testIamPermissionsResponse', permissions })
}

function shownPolicy({ name, policy }: Bucket): JsonObject {
  const { version, bindings } = policy
  return {
    kind: 'storage#policy',
    resourceId: `projects/_/buckets/${name}`,
    version,
    etag: etagOf(policy),
    bindings,
  }
}

function etagOf({ revision }: BucketPolicy): string {
  return btoa(`policy ${revision}`)
}

function readBindings(value: unknown): readonly JsonObject[] {
  checkShape(value, [{ role: 'string', members: ['string'] }], 'bindings')
  const bindings = ((value ?? []) as readonly unknown[]).filter(isJsonObject)
  for (const { role, members } of bindings) {
    if (!/^(roles|(projects|organizations)\/[^/]+\/roles)\/[\w.]+$/.test(String(role))) {
      throw invalid('The role of a binding must be roles/NAME.')
    }
    const wrong = ((members ?? []) as readonly unknown[]).find((member) => !MEMBER.test(String(member)))
    if (wrong !== undefined) throw invalid('A binding has a member of a form that there is not.')
  }
  return bindings
}

const MEMBER = /^(allUsers|allAuthenticatedUsers|\w+:\S+)$/
