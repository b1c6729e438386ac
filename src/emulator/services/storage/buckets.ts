import type { HttpResponse } from '../../../protocol/http.ts'
import { emptyAnswer, jsonAnswer } from '../../answers.ts'
import { ApiFailure, notModelled } from '../../api-failure.ts'
import { type Call, type JsonObject, readJsonObject } from '../../service.ts'
import {
  BUCKET_ROLES,
  OBJECT_ROLES,
  predefinedBucketAcl,
  predefinedObjectAcl,
  readAcl,
} from './access-control.ts'
import { bucketAnswer, shownBucket } from './bucket-answer.ts'
import {
  type BucketFields,
  checkBucketName,
  newBucketFields,
  patchBucketFields,
  replaceBucketFields,
} from './bucket-resource.ts'
import { newPolicy } from './iam.ts'
import { listNames } from './list-names.ts'
import { formatPageToken, pageSize, parsePageToken } from './page-token.ts'
import { compareNames } from '../../../protocol/name-order.ts'
import { checkPreconditions } from './preconditions.ts'
import { withRetention } from './retention.ts'
import { type Bucket, requireBucket, storageState, touchBucket } from './storage-state.ts'

/** `storage.buckets.insert` */
export async function insertBucket(call: Call): Promise<HttpResponse> {
  const body = await readJsonObject(call.body)
  const { name } = body
  checkBucketName(name)
  const project = call.parameters.text('project')!
  const { buckets } = storageState(call)
  const before = buckets.get(name)
  if (before) throw nameTaken(before.project === project)
  const now = call.clock.now()
  const bucket: Bucket = {
    name,
    project,
    timeCreated: now,
    updated: now,
    metageneration: 1n,
    fields: withRetention(newBucketFields(body), body, call),
    acl: predefinedBucketAcl(project),
    defaultObjectAcl: predefinedObjectAcl(project),
    ...givenAcls(call, project, body),
    policy: newPolicy(project),
    notifications: new Map(),
    objects: new Map(),
    sortedNames: [],
  }
  buckets.set(name, bucket)
  return bucketAnswer(call, bucket)
}

/** `storage.buckets.get` */
export function getBucket(call: Call): HttpResponse {
  refuseSoftDeleted(call)
  const bucket = requireBucket(call)
  checkPreconditions(call, bucket)
  return bucketAnswer(call, bucket)
}

/** `storage.buckets.list` */
export function listBuckets(call: Call): HttpResponse {
  const { parameters } = call
  refuseSoftDeleted(call)
  const { buckets } = storageState(call)
  const project = parameters.text('project')
  const names = [...buckets.values()]
    .filter((bucket) => bucket.project === project)
    .map((bucket) => bucket.name)
    .sort(compareNames)
  const page = listNames(names, {
    prefix: parameters.text('prefix') ?? '',
    after: parsePageToken(parameters.text('pageToken')),
    maxResults: pageSize(parameters.number('maxResults')),
  })
  return jsonAnswer({
    kind: 'storage#buckets',
    ...(page.next && { nextPageToken: formatPageToken(page.next) }),
    ...(page.names.length > 0 && {
      items: page.names.map((name) => shownBucket(call, buckets.get(name)!)),
    }),
  })
}

/** `storage.buckets.patch` */
export function patchBucket(call: Call): Promise<HttpResponse> {
  return changeBucket(call, patchBucketFields)
}

/** `storage.buckets.update` */
export function updateBucket(call: Call): Promise<HttpResponse> {
  return changeBucket(call, replaceBucketFields)
}

/** `storage.buckets.delete` */
export function deleteBucket(call: Call): HttpResponse {
  const bucket = requireBucket(call)
  checkPreconditions(call, bucket)
  if (bucket.objects.size > 0) {
    throw new ApiFailure(409, 'conflict', 'The bucket you tried to delete is not empty.')
  }
  storageState(call).buckets.delete(bucket.name)
  return emptyAnswer()
}

async function changeBucket(
  call: Call,
  change: (current: BucketFields, body: JsonObject) => BucketFields,
): Promise<HttpResponse> {
  const body = await readJsonObject(call.body)
  const bucket = requireBucket(call)
  checkPreconditions(call, bucket)
  const fields = withRetention(change(bucket.fields, body), body, call)
  Object.assign(bucket, { fields, ...givenAcls(call, bucket.project, body) })
  touchBucket(bucket, call)
  return bucketAnswer(call, bucket)
}

/** The access control lists that a call gives a bucket: by name, or in full in the body. */
function givenAcls(
  { parameters }: Call,
  project: string,
  body: JsonObject,
): Partial<Pick<Bucket, 'acl' | 'defaultObjectAcl'>> {
  const named = parameters.text('predefinedAcl')
  const namedDefault = parameters.text('predefinedDefaultObjectAcl')
  const acl = named === undefined ? readAcl(body.acl, BUCKET_ROLES) : predefinedBucketAcl(project, named)
  const defaultObjectAcl =
    namedDefault === undefined
      ? readAcl(body.defaultObjectAcl, OBJECT_ROLES)
      : predefinedObjectAcl(project, namedDefault)
  return { ...(acl && { acl }), ...(defaultObjectAcl && { defaultObjectAcl }) }
}

function refuseSoftDeleted({ parameters }: Call): void {
  if (parameters.flag('softDeleted')) throw notModelled('buckets that were deleted')
}

function nameTaken(own: boolean): ApiFailure {
  return new ApiFailure(
    409,
    'conflict',
    own
      ? 'Your previous request to create the named bucket succeeded and you already own it.'
      : 'The requested bucket name is not available. Bucket names are shared by all projects; choose another one.',
  )
}
