import type { HttpResponse } from '../../../protocol/http.ts'
import { emptyAnswer, jsonAnswer } from '../../answers.ts'
import { invalid, notFound } from '../../api-failure.ts'
import { type Call, type Handler, isJsonObject, readJsonObject } from '../../service.ts'
import { type AclEntry, readEntry, readRole } from './access-control.ts'
import {
  type AclPlace,
  bucketAcl,
  defaultObjectAcl,
  objectAcl,
  shownEntries,
  shownEntry,
} from './acl-places.ts'
import { checkPreconditions } from './preconditions.ts'
import { type Bucket, requireBucket, requireObject } from './storage-state.ts'

/** The methods of the lists of buckets, of objects, and of the objects that a bucket will have. All lists work alike. */
export const accessControlHandlers: Readonly<Record<string, Handler>> = {
  ...handlersOf('storage.bucketAccessControls', (call) => bucketAcl(requireListed(call))),
  ...handlersOf('storage.defaultObjectAccessControls', (call) => {
    const bucket = requireListed(call)
    checkPreconditions(call, bucket)
    return defaultObjectAcl(bucket)
  }),
  ...handlersOf('storage.objectAccessControls', (call) =>
    objectAcl(requireListed(call), requireObject(call)),
  ),
}

type OpenPlace = (call: Call) => AclPlace

function handlersOf(prefix: string, open: OpenPlace): Record<string, Handler> {
  return {
    [`${prefix}.list`]: (call) => listEntries(call, open(call)),
    [`${prefix}.get`]: (call) => {
      const place = open(call)
      return jsonAnswer(shownEntry(call.origin, place, requireEntry(call, place)))
    },
    [`${prefix}.insert`]: async (call) => {
      const body = await readJsonObject(call.body)
      return putEntry(call, open, readEntry(body, open(call).roles))
    },
    [`${prefix}.patch`]: (call) => changeEntry(call, open),
    [`${prefix}.update`]: (call) => changeEntry(call, open),
    [`${prefix}.delete`]: (call) => deleteEntry(call, open(call)),
  }
}

function listEntries({ origin }: Call, place: AclPlace): HttpResponse {
  const items = shownEntries(origin, place)
  return jsonAnswer({ kind: `storage#${place.kind}s`, ...(items.length > 0 && { items }) })
}

/** A patch may leave the role out, an update may not. */
async function changeEntry(call: Call, open: OpenPlace): Promise<HttpResponse> {
  const { role } = await readJsonObject(call.body)
  const place = open(call)
  const before = requireEntry(call, place)
  const kept = call.method.httpMethod === 'PATCH' ? before.role : undefined
  return putEntry(call, open, { ...before, role: readRole(role ?? kept, place.roles) })
}

/** An entity has one entry at most; a second one takes the place of the first. */
function putEntry(call: Call, open: OpenPlace, entry: AclEntry): HttpResponse {
  const place = open(call)
  const others = place.entries.filter(({ entity }) => entity !== entry.entity)
  place.replace(call, [...others, entry])
  return jsonAnswer(shownEntry(call.origin, open(call), entry))
}

function deleteEntry(call: Call, place: AclPlace): HttpResponse {
  const entry = requireEntry(call, place)
  place.replace(
    call,
    place.entries.filter((each) => each !== entry),
  )
  return emptyAnswer()
}

function requireEntry({ parameters }: Call, { entries }: AclPlace): AclEntry {
  const entry = entries.find(({ entity }) => entity === parameters.text('entity'))
  if (!entry) throw notFound('The specified access control does not exist.')
  return entry
}

/** A bucket that has lists at all: with uniform access, policies are all there is. */
function requireListed(call: Call): Bucket {
  const bucket = requireBucket(call)
  if (hasUniformAccess(bucket)) {
    throw invalid('The bucket has uniform bucket-level access, so there are no access control lists.')
  }
  return bucket
}

function hasUniformAccess({ fields }: Bucket): boolean {
  const { iamConfiguration } = fields
  const uniform = isJsonObject(iamConfiguration) ? iamConfiguration.uniformBucketLevelAccess : undefined
  return isJsonObject(uniform) && uniform.enabled === true
}
