import type { HttpResponse } from '../../../protocol/http.ts'
import { emptyAnswer } from '../../answers.ts'
import { notModelled } from '../../api-failure.ts'
import { type Call, type JsonObject, readJsonObject } from '../../service.ts'
import { OBJECT_ROLES, predefinedObjectAcl, readAcl } from './access-control.ts'
import { mediaAnswer } from './download.ts'
import { objectAnswer } from './object-answer.ts'
import { type ObjectFields, patchObjectFields, replaceObjectFields } from './object-resource.ts'
import { checkPreconditions } from './preconditions.ts'
import { checkRetention } from './retention.ts'
import {
  type Bucket,
  putObject,
  removeObject,
  requireBucket,
  requireObject,
  type StoredObject,
} from './storage-state.ts'

/** `storage.objects.get`: the resource, or the bytes with `alt=media` and under `/download/`. */
export function getObject(call: Call): HttpResponse | Promise<HttpResponse> {
  if (call.parameters.flag('softDeleted')) throw notModelled('objects that were deleted')
  const object = requireObject(call)
  checkPreconditions(call, object)
  const media = call.door === 'download' || call.parameters.text('alt') === 'media'
  return media ? mediaAnswer(object, call.headers) : objectAnswer(call, object)
}

/** `storage.objects.patch` */
export function patchObject(call: Call): Promise<HttpResponse> {
  return changeObject(call, patchObjectFields)
}

/** `storage.objects.update` */
export function updateObject(call: Call): Promise<HttpResponse> {
  return changeObject(call, replaceObjectFields)
}

/** `storage.objects.delete` */
export function deleteObject(call: Call): HttpResponse {
  const bucket = requireBucket(call)
  const object = requireObject(call)
  checkPreconditions(call, object)
  checkRetention(call, bucket, object)
  removeObject(bucket, object)
  return emptyAnswer()
}

async function changeObject(
  call: Call,
  change: (current: ObjectFields, body: JsonObject) => ObjectFields,
): Promise<HttpResponse> {
  const body = await readJsonObject(call.body)
  const bucket = requireBucket(call)
  const object = requireObject(call)
  checkPreconditions(call, object)
  const changed: StoredObject = {
    ...object,
    fields: change(object.fields, body),
    acl: changedAcl(call, bucket, object, body),
    metageneration: object.metageneration + 1n,
    updated: call.clock.now(),
  }
  const answer = objectAnswer(call, changed)
  putObject(bucket, changed)
  return answer
}

/** The list that the call names, or gives in full, or the one that is there. */
function changedAcl(
  { parameters, principal }: Call,
  { project }: Bucket,
  { acl }: StoredObject,
  body: JsonObject,
): StoredObject['acl'] {
  const named = parameters.text('predefinedAcl')
  if (named === undefined) return readAcl(body.acl, OBJECT_ROLES) ?? acl
  return predefinedObjectAcl(project, named, principal && `user-${principal.email}`)
}
