import type { HttpResponse } from '../../../protocol/http.ts'
import { emptyAnswer, jsonAnswer } from '../../answers.ts'
import { type Call, type JsonObject, readJsonObject } from '../../service.ts'
import { mediaAnswer } from './download.ts'
import {
  type ObjectFields,
  objectEtag,
  objectResource,
  patchObjectFields,
  replaceObjectFields,
} from './object-resource.ts'
import { checkPreconditions } from './preconditions.ts'
import { putObject, removeObject, requireBucket, requireObject, type StoredObject } from './storage-state.ts'

/** `storage.objects.get`: the resource, or the bytes with `alt=media` and under `/download/`. */
export function getObject(call: Call): HttpResponse {
  const object = requireObject(call)
  checkPreconditions(call, object)
  const media = call.door === 'download' || call.parameters.text('alt') === 'media'
  return media ? mediaAnswer(object, call.headers.range) : objectAnswer(call, object)
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
  const object = requireObject(call)
  checkPreconditions(call, object)
  removeObject(requireBucket(call), object)
  return emptyAnswer()
}

/** The answer that shows an object. */
export function objectAnswer({ origin }: Call, object: StoredObject): HttpResponse {
  return jsonAnswer(objectResource(object, origin), 200, { etag: objectEtag(object) })
}

async function changeObject(
  call: Call,
  change: (current: ObjectFields, body: JsonObject) => ObjectFields,
): Promise<HttpResponse> {
  const body = await readJsonObject(call.body)
  const object = requireObject(call)
  checkPreconditions(call, object)
  const changed: StoredObject = {
    ...object,
    fields: change(object.fields, body),
    metageneration: object.metageneration + 1n,
    updated: call.clock.now(),
  }
  const answer = objectAnswer(call, changed)
  putObject(requireBucket(call), changed)
  return answer
}
