import type { HttpResponse } from '../../../protocol/http.ts'
import { jsonAnswer } from '../../answers.ts'
import type { Call, JsonObject } from '../../service.ts'
import { objectAcl, shownEntries } from './acl-places.ts'
import { etagOf } from './etag.ts'
import { objectResource } from './object-resource.ts'
import { retainedUntil } from './retention.ts'
import { storageState, type StoredObject } from './storage-state.ts'

/** The answer that shows an object. */
export function objectAnswer(call: Call, object: StoredObject): HttpResponse {
  return jsonAnswer(shownObject(call, object), 200, { etag: etagOf(object) })
}

/** The object as a call sees it; its access control list comes with `projection=full` alone. */
export function shownObject(call: Call, object: StoredObject): JsonObject {
  const { origin, parameters } = call
  const bucket = storageState(call).buckets.get(object.bucket)!
  const until = retainedUntil(bucket, object)
  const owner = object.acl.find(({ entity, role }) => entity.startsWith('user-') && role === 'OWNER')
  return {
    ...objectResource(object, origin),
    ...(until !== undefined && { retentionExpirationTime: new Date(until).toISOString() }),
    ...(parameters.text('projection') === 'full' && {
      acl: shownEntries(origin, objectAcl(bucket, object)),
      ...(owner && { owner: { entity: owner.entity } }),
    }),
  }
}
