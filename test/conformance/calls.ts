import type { UploadOptions } from 'discokit'
import { ACCOUNT, NOTIFICATION, OBJECT, PROJECT, type Subject } from './subject.ts'

/** Calls a method in one of the ways that callers have. What is done before, to know a version, meets no fault. */
type Call = (subject: Subject) => Promise<unknown>

/** What the ways of uploading begin with that are resumable. */
export const IN_A_SESSION = 'in a session'

/** How each method of the scenarios is called, by the name that they have for it. */
export const CALLS: Readonly<Record<string, Readonly<Record<string, Call>>>> = {
  ...accessControls('storage.bucket_acl', 'bucketAccessControls', ({ bucket }) => ({ bucket })),
  ...accessControls('storage.default_object_acl', 'defaultObjectAccessControls', ({ bucket }) => ({
    bucket,
  })),
  ...accessControls('storage.object_acl', 'objectAccessControls', ({ bucket }) => ({
    bucket,
    object: OBJECT,
  })),
  'storage.buckets.delete': one((s) => s.storage['buckets'].delete({ bucket: s.bucket }, s.options)),
  'storage.buckets.get': one((s) => s.storage['buckets'].get({ bucket: s.bucket }, s.options)),
  'storage.buckets.getIamPolicy': one((s) =>
    s.storage['buckets'].getIamPolicy({ bucket: s.bucket }, s.options),
  ),
  'storage.buckets.insert': one((s) =>
    s.storage['buckets'].insert({ project: PROJECT, body: { name: `${s.bucket}-new` } }, s.options),
  ),
  'storage.buckets.list': list((s) => s.storage['buckets'].list({ project: PROJECT }, s.options)),
  'storage.buckets.lockRetentionPolicy': one(async ({ storage, bucket, options }) => {
    const body = { retentionPolicy: { retentionPeriod: '1' } }
    const { metageneration } = await storage['buckets'].patch({ bucket, body })
    const guard = { ifMetagenerationMatch: metageneration }
    return storage['buckets'].lockRetentionPolicy({ bucket, ...guard }, options)
  }),
  'storage.buckets.patch': one((s) =>
    s.storage['buckets'].patch({ bucket: s.bucket, ...metageneration(s), body: LABELS }, s.options),
  ),
  'storage.buckets.setIamPolicy': one(async ({ storage, bucket, options, guarded }) => {
    const { etag, ...policy } = await storage['buckets'].getIamPolicy({ bucket })
    const body = guarded ? { ...policy, etag } : policy
    return storage['buckets'].setIamPolicy({ bucket, body }, options)
  }),
  'storage.buckets.testIamPermissions': one((s) =>
    s.storage['buckets'].testIamPermissions(
      { bucket: s.bucket, permissions: ['storage.objects.get'] },
      s.options,
    ),
  ),
  'storage.buckets.update': one((s) =>
    s.storage['buckets'].update({ bucket: s.bucket, ...metageneration(s), body: LABELS }, s.options),
  ),
  'storage.hmacKey.create': one((s) =>
    s.storage['projects'].hmacKeys.create({ projectId: PROJECT, serviceAccountEmail: ACCOUNT }, s.options),
  ),
  'storage.hmacKey.delete': one((s) => s.storage['projects'].hmacKeys.delete(hmacKey(s), s.options)),
  'storage.hmacKey.get': one((s) => s.storage['projects'].hmacKeys.get(hmacKey(s), s.options)),
  'storage.hmacKey.list': list((s) => s.storage['projects'].hmacKeys.list({ projectId: PROJECT }, s.options)),
  'storage.hmacKey.update': one(async (s) => {
    const { hmacKeys } = s.storage['projects']
    const { etag } = await hmacKeys.get(hmacKey(s))
    const body = { state: 'ACTIVE', ...(s.guarded && { etag }) }
    return hmacKeys.update({ ...hmacKey(s), body }, s.options)
  }),
  'storage.notifications.delete': one((s) => s.storage['notifications'].delete(notification(s), s.options)),
  'storage.notifications.get': one((s) => s.storage['notifications'].get(notification(s), s.options)),
  'storage.notifications.insert': one((s) =>
    s.storage['notifications'].insert({ bucket: s.bucket, body: NOTIFICATION }, s.options),
  ),
  'storage.notifications.list': one((s) => s.storage['notifications'].list({ bucket: s.bucket }, s.options)),
  'storage.objects.compose': one((s) => {
    const to = { destinationBucket: s.bucket, destinationObject: 'made', ...absent(s) }
    return s.storage['objects'].compose({ ...to, body: { sourceObjects: [{ name: OBJECT }] } }, s.options)
  }),
  'storage.objects.copy': one((s) => s.storage['objects'].copy({ ...copied(s), body: {} }, s.options)),
  'storage.objects.delete': one(async (s) => {
    const { generation } = await s.storage['objects'].get(object(s))
    const guard = s.guarded ? { ifGenerationMatch: generation } : {}
    return s.storage['objects'].delete({ ...object(s), ...guard }, s.options)
  }),
  'storage.objects.get': {
    'the resource': (s) => s.storage['objects'].get(object(s), s.options),
    'its bytes': (s) => s.storage['objects'].get.download(object(s), s.options).bytes(),
  },
  'storage.objects.insert': {
    'the bytes alone': insert({ upload: { kind: 'simple' } }),
    'with metadata': insert({ upload: { kind: 'multipart' } }, { metadata: { a: 'b' } }),
    [IN_A_SESSION]: insert({ upload: { kind: 'resumable' } }, { metadata: { a: 'b' } }),
    [`${IN_A_SESSION}, in chunks`]: insert({ upload: { kind: 'resumable', chunkBytes: 2_097_152 } }),
    [`${IN_A_SESSION}, by X-Goog-Upload`]: insert({ upload: { kind: 'resumable', dialect: 'goog-upload' } }),
  },
  'storage.objects.list': list((s) => s.storage['objects'].list({ bucket: s.bucket }, s.options)),
  'storage.objects.patch': one((s) =>
    s.storage['objects'].patch({ ...object(s), ...metageneration(s), body: METADATA }, s.options),
  ),
  'storage.objects.rewrite': one((s) => s.storage['objects'].rewrite({ ...copied(s), body: {} }, s.options)),
  'storage.objects.update': one((s) =>
    s.storage['objects'].update({ ...object(s), ...metageneration(s), body: METADATA }, s.options),
  ),
  'storage.serviceaccount.get': one((s) =>
    s.storage['projects'].serviceAccount.get({ projectId: PROJECT }, s.options),
  ),
}

const LABELS = { labels: { a: 'b' } }
const METADATA = { metadata: { a: 'b' } }

type Parameters = Readonly<Record<string, unknown>>

const object = ({ bucket }: Subject): Parameters => ({ bucket, object: OBJECT })
const hmacKey = ({ accessId }: Subject): Parameters => ({ projectId: PROJECT, accessId })
const notification = ({ bucket, notification: id }: Subject): Parameters => ({ bucket, notification: id })
const made = (s: Subject): Parameters => ({ bucket: s.bucket, name: 'made', ...absent(s) })
const copied = (s: Subject): Parameters => ({
  sourceBucket: s.bucket,
  sourceObject: OBJECT,
  destinationBucket: s.bucket,
  destinationObject: 'made',
  ...absent(s),
})
/** What is made must not be there yet; what is changed must be as it was made. */
const absent = ({ guarded }: Subject): Parameters => (guarded ? { ifGenerationMatch: 0 } : {})
const metageneration = ({ guarded }: Subject): Parameters => (guarded ? { ifMetagenerationMatch: 1 } : {})

function insert(how: UploadOptions, body?: object): Call {
  return (s) => {
    const what = { ...made(s), ...(body && { body }), media: s.bytes }
    return s.storage['objects'].insert(what, { ...s.options, ...how })
  }
}

function one(call: Call): Record<string, Call> {
  return { '': call }
}

function list(call: (subject: Subject) => any): Record<string, Call> {
  return { 'a page': call, 'all items': (subject) => itemsOf(call(subject)) }
}

async function itemsOf(items: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const item of items) all.push(item)
  return all
}

function accessControls(
  prefix: string,
  resource: string,
  of: (subject: Subject) => Parameters,
): Record<string, Record<string, Call>> {
  const entry = { entity: 'allUsers', role: 'READER' }
  const existing = async (s: Subject): Promise<Parameters> => {
    await s.storage[resource].insert({ ...of(s), body: entry })
    return { ...of(s), entity: entry.entity }
  }
  return {
    [`${prefix}.delete`]: one(async (s) => s.storage[resource].delete(await existing(s), s.options)),
    [`${prefix}.get`]: one(async (s) => s.storage[resource].get(await existing(s), s.options)),
    [`${prefix}.insert`]: one((s) => s.storage[resource].insert({ ...of(s), body: entry }, s.options)),
    [`${prefix}.list`]: one((s) => s.storage[resource].list(of(s), s.options)),
    [`${prefix}.patch`]: one(async (s) =>
      s.storage[resource].patch({ ...(await existing(s)), body: { role: 'OWNER' } }, s.options),
    ),
    [`${prefix}.update`]: one(async (s) =>
      s.storage[resource].update({ ...(await existing(s)), body: entry }, s.options),
    ),
  }
}
