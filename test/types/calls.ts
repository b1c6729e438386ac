/** Right and wrong uses of a declared API. Checked by `npm run types` with TypeScript 5.9 and 7; never run. */
import {
  createClient,
  type Download,
  type MethodAccess,
  type PreparedRequest,
  type SendResult,
} from 'discokit'
import storageV1, { type Bucket, type Buckets, type StorageObject } from './storage.v1.js'

type Equals<A, B> = (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false
function same<A, B>(_: Equals<A, B>): void {}

const google = createClient()
const storage = google.api(storageV1)

// Parameters: required ones are asked for, unknown and wrongly typed ones are refused at their own line.
async function parameters(): Promise<void> {
  await storage.objects.get({ bucket: 'b', object: 'o' })
  await storage.objects.get({ bucket: 'b', object: 'o', generation: 1n, fields: undefined })
  // @ts-expect-error -- nothing given
  await storage.objects.get()
  // @ts-expect-error -- `object` is missing
  await storage.objects.get({ bucket: 'b' })
  await storage.objects.get({
    bucket: 'b',
    object: 'o',
    // @ts-expect-error -- no such parameter
    generatoin: '1',
  })
  await storage.objects.get({
    bucket: 'b',
    // @ts-expect-error -- must be a string
    object: 1,
  })
  await storage.objects.insert({
    bucket: 'b',
    body: {
      name: 'n',
      // @ts-expect-error -- read-only members are no part of a request
      crc32c: 'AAAAAA==',
    },
    media: 'text',
  })
  // @ts-expect-error -- no such method
  storage.objects.isnert({ bucket: 'b' })
}

// Options: one set for all calls, progress only where something is sent.
async function options(signal: AbortSignal): Promise<void> {
  await storage.objects.insert(
    { bucket: 'b', name: 'n', media: new Uint8Array(3) },
    {
      signal,
      timeoutMs: 5_000,
      onProgress: ({ sent, total }) => same<[number, number | undefined], [typeof sent, typeof total]>(true),
    },
  )
  await storage.buckets.list(
    { project: 'p' },
    {
      // @ts-expect-error -- a list sends nothing to watch
      onProgress: () => {},
    },
  )
  // @ts-expect-error -- no such option
  await storage.objects.get({ bucket: 'b', object: 'o' }, { timeout: 5 })
}

// Results and items.
async function results(): Promise<void> {
  const object = await storage.objects.get({ bucket: 'b', object: 'o' })
  same<typeof object, StorageObject>(true)
  same<typeof object.size, string | undefined>(true)
  const nothing = await storage.objects.delete({ bucket: 'b', object: 'o' })
  same<typeof nothing, void>(true)
  const { data, response } = await storage.objects.get({ bucket: 'b', object: 'o' }).withResponse()
  same<typeof data, StorageObject>(true)
  same<typeof response.status, number>(true)
  for await (const bucket of storage.buckets.list({ project: 'p' })) same<typeof bucket, Bucket>(true)
  for await (const page of storage.buckets.list({ project: 'p' }).pages()) same<typeof page, Buckets>(true)
  for await (const bucket of storage.buckets.list({ project: 'p' }).items({ limit: 3, prefetch: true })) {
    same<typeof bucket, Bucket>(true)
  }
  // @ts-expect-error -- no such option
  storage.buckets.list({ project: 'p' }).items({ pages: 3 })
  for await (const { data, next } of google.pages(storage.buckets.list.prepare({ project: 'p' }), {
    in: 'body',
  })) {
    same<typeof data, Buckets>(true)
    same<ReturnType<typeof next>, PreparedRequest<Buckets> | null>(true)
  }
  // @ts-expect-error -- one object is no list
  for await (const _ of storage.objects.get({ bucket: 'b', object: 'o' })) void _
  // @ts-expect-error -- nor has it pages
  storage.objects.get({ bucket: 'b', object: 'o' }).pages()
}

// Downloads: only where the method has them.
async function downloads(): Promise<void> {
  const download = storage.objects.get.download({ bucket: 'b', object: 'o' })
  same<typeof download, Download>(true)
  same<string, Awaited<ReturnType<typeof download.text>>>(true)
  // @ts-expect-error -- a list has no bytes
  storage.buckets.list.download({ project: 'p' })
}

// Prepared requests, and what `send` makes of several.
async function sending(): Promise<void> {
  const get = storage.objects.get.prepare({ bucket: 'b', object: 'o' })
  const list = storage.buckets.list.prepare({ project: 'p' })
  same<typeof get, PreparedRequest<StorageObject>>(true)
  const one = await google.send(get)
  same<typeof one, StorageObject>(true)
  const results = await google.send([get, list])
  same<typeof results, [SendResult<StorageObject>, SendResult<Buckets>]>(true)
  const [first] = results
  if (first.status === 'fulfilled') same<typeof first.value, StorageObject>(true)
  const many = await google.send(Array.from({ length: 3 }, () => get))
  same<typeof many, SendResult<StorageObject>[]>(true)
}

// Batches: as `send` of many, and as typed.
async function batches(): Promise<void> {
  const get = storage.objects.get.prepare({ bucket: 'b', object: 'o' })
  const list = storage.buckets.list.prepare({ project: 'p' })
  const results = await google.batch([get, list], { maxSize: 50, timeoutMs: 5_000 })
  same<typeof results, [SendResult<StorageObject>, SendResult<Buckets>]>(true)
  const many = await google.batch([1, 2, 3].map(() => get))
  same<typeof many, SendResult<StorageObject>[]>(true)
  // @ts-expect-error -- a call is no prepared request
  await google.batch([storage.objects.get({ bucket: 'b', object: 'o' })])
  // @ts-expect-error -- nothing is uploaded
  await google.batch([get], { onProgress: () => {} })
}

// An API discovered at run time is `any` below the client.
async function untyped(): Promise<void> {
  const drive = await google.discover('drive:v3')
  const file = await drive['files'].get({ fileId: '1' })
  console.log(file.name, drive.files)
  // @ts-expect-error -- the client itself is typed
  await google.discvoer('drive:v3')
}

// What a method needs, and whether it may be called.
async function access(): Promise<void> {
  const may = await storage.objects.get.$can()
  same<typeof may, MethodAccess>(true)
  same<typeof may.ok, boolean | undefined>(true)
  same<typeof may.missingScope, string | undefined>(true)
  if (!may.ok) same<typeof may.missingScope, string>(true)
  else same<typeof may.missingScope, undefined>(true)
  await storage.buckets.list.$can({ timeoutMs: 5_000, signal: AbortSignal.timeout(5_000) })
  const asked = await may.authorizationUrl?.({ loginHint: 'ada@example.com', prompt: 'consent' })
  same<NonNullable<typeof asked>['url'], string>(true)
  // @ts-expect-error -- it asks for the one that is missing
  await may.authorizationUrl?.({ scopes: ['email'] })
  // @ts-expect-error -- there may be no OAuth client
  await may.authorizationUrl()
  // @ts-expect-error -- no such option
  await storage.objects.get.$can({ scopes: ['email'] })
  // @ts-expect-error -- resources have none
  await storage.objects.$can()
}

void [parameters, options, results, downloads, sending, batches, untyped, access]
