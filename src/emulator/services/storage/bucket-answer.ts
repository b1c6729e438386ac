import type { HttpResponse } from '../../../protocol/http.ts'
import { jsonAnswer } from '../../answers.ts'
import type { Call, JsonObject } from '../../service.ts'
import { bucketAcl, defaultObjectAcl, shownEntries } from './acl-places.ts'
import { bucketResource } from './bucket-resource.ts'
import { etagOf } from './etag.ts'
import { projectNumber } from './project-number.ts'
import type { Bucket } from './storage-state.ts'

/** The answer that shows a bucket. */
export function bucketAnswer(call: Call, bucket: Bucket): HttpResponse {
  return jsonAnswer(shownBucket(call, bucket), 200, { etag: etagOf(bucket) })
}

/** The bucket as a call sees it; access control lists come with `projection=full` alone. */
export function shownBucket({ origin, parameters }: Call, bucket: Bucket): JsonObject {
  const resource = bucketResource(bucket, origin)
  if (parameters.text('projection') !== 'full') return resource
  return {
    ...resource,
    acl: shownEntries(origin, bucketAcl(bucket)),
    defaultObjectAcl: shownEntries(origin, defaultObjectAcl(bucket)),
    owner: { entity: `project-owners-${projectNumber(bucket.project)}` },
  }
}
