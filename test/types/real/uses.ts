/**
 * What programs do with Google's own APIs. Each line that ends with `// wrong` has one error, and no other line has any.
 * The files that it imports are generated from the real documents.
 */
import { createClient } from 'discokit'
import calendarV3 from './calendar.v3.js'
import computeV1, { type Instance, type InstancesScopedList } from './compute.v1.js'
import driveV3, { type File } from './drive.v3.js'
import firestoreV1 from './firestore.v1.js'
import gmailV1 from './gmail.v1.js'
import sheetsV4 from './sheets.v4.js'
import storageV1, { type Bucket, type Object as StorageObject } from './storage.v1.js'
import translateV2 from './translate.v2.js'
import youtubeV3 from './youtube.v3.js'

const google = createClient()

export async function drive(fileId: string): Promise<void> {
  const api = google.api(driveV3)
  for await (const file of api.files.list({ q: 'trashed = false', fields: 'nextPageToken,files(id,name)' })) {
    const found: File = file
    void found.id
  }
  const created = await api.files.create({ body: { name: 'a.txt', parents: ['root'] }, media: 'text' })
  await api.files.update({ fileId: created.id ?? '', body: { name: 'b.txt', description: null } })
  await api.permissions.create({
    fileId,
    body: { type: 'user', role: 'reader', emailAddress: 'ada@example.com' },
  })
  await api.permissions.create({ fileId, body: { type: 'domain', role: 'reader', domain: 'example.com' } })
  await api.files.create({ body: { md5Checksum: 'x' } }) // wrong
  await api.files.create({ body: { nmae: 'x' } }) // wrong
  await api.files.get.download({ fileId }).text()
  await api.files.export.download({ fileId, mimeType: 'text/plain' }).text()
  await api.files.export.download({ fileId }) // wrong
  await api.permissions.list.download({ fileId }) // wrong
}

export async function storage(): Promise<void> {
  const api = google.api(storageV1)
  for await (const bucket of api.buckets.list({ project: 'p' })) {
    const found: Bucket = bucket
    void found.name
  }
  await api.buckets.insert({ project: 'p', body: { name: 'b', location: 'EU' } })
  await api.buckets.insert({ body: { name: 'b' } }) // wrong
  const object: StorageObject = await api.objects.insert({
    bucket: 'b',
    name: 'a.txt',
    media: new Uint8Array(3),
  })
  await api.objects.get({ bucket: 'b', object: 'a', generation: object.generation, ifGenerationMatch: 1n })
  await api.buckets.update({ bucket: 'b', body: await api.buckets.get({ bucket: 'b' }) })
  const policy = await api.buckets.getIamPolicy({ bucket: 'b' })
  const more = { role: 'roles/storage.objectViewer', members: ['user:ada@example.com'] }
  await api.buckets.setIamPolicy({
    bucket: 'b',
    body: { ...policy, bindings: [...(policy.bindings ?? []), more] },
  })
  await api.objects.compose({
    destinationBucket: 'b',
    destinationObject: 'c',
    body: { sourceObjects: [{ name: 'a' }, { name: 'b', generation: '1' }] },
  })
  await api.objects.compose({
    destinationBucket: 'b',
    destinationObject: 'c',
    body: { sourceObjects: [{ generation: '1' }] }, // wrong
  })
  const size: number = object.size ?? 0 // wrong
  void size
}

export async function others(): Promise<void> {
  const gmail = google.api(gmailV1)
  await gmail.users.messages.send({ media: { content: 'From: a', contentType: 'message/rfc822' } })
  await gmail.users.messages.send({ userId: 'me', body: { raw: 'RnJvbTogYQ' } })

  const calendar = google.api(calendarV3)
  const start = { dateTime: '2026-11-20T10:00:00Z' }
  await calendar.events.insert({
    calendarId: 'primary',
    body: { start, end: start, attendees: [{ email: 'a@b.c' }] },
  })
  await calendar.events.insert({ calendarId: 'primary', body: { start } }) // wrong
  await calendar.events.insert({ calendarId: 'primary', body: { start, end: start, created: 'x' } }) // wrong
  for await (const event of calendar.events.list({ calendarId: 'primary', timeMin: new Date() }))
    void event.summary

  const firestore = google.api(firestoreV1)
  await firestore.projects.databases.documents.patch({
    name: 'n',
    body: { fields: { a: { nullValue: null } } },
  })
  await firestore.projects.databases.documents.createDocument({
    parent: 'p',
    collectionId: 'c',
    body: { fields: { a: { nullValue: null }, b: { integerValue: '1' }, c: { arrayValue: { values: [] } } } },
  })

  const sheets = google.api(sheetsV4)
  const { values = [] } = await sheets.spreadsheets.values.get({ spreadsheetId: 's', range: 'A1:B2' })
  const cell: unknown = values[0]?.[0]
  await sheets.spreadsheets.values.append({
    spreadsheetId: 's',
    range: 'A1',
    body: { values: [[1, 'two', null, cell]] },
  })

  const compute = google.api(computeV1)
  for await (const [zone, list] of compute.instances.aggregatedList({ project: 'p' })) {
    const found: [string, InstancesScopedList] = [zone, list]
    const instances: readonly Instance[] = found[1].instances ?? []
    void instances
  }
  await compute.instances.insert({
    project: 'p',
    zone: 'z',
    body: { name: 'n', machineType: 'm', disks: [{ boot: true, initializeParams: { diskSizeGb: '10' } }] },
  })
  await compute.instances.insert({ project: 'p', zone: 'z', body: { id: '1' } }) // wrong

  const youtube = google.api(youtubeV3)
  for await (const result of youtube.search.list({ part: ['snippet'], q: 'x' })) void result.id?.videoId
  await youtube.search.list({ part: 'snippet' })
  await youtube.search.list({ q: 'x' }) // wrong

  const translate = google.api(translateV2)
  const { data } = await translate.translations.translate({ body: { q: ['good day'], target: 'de' } })
  void data?.translations?.[0]?.translatedText
}
