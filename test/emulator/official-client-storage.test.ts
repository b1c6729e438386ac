import { gunzipSync } from 'node:zlib'
import { Storage } from '@google-cloud/storage'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEmulator, type Emulator } from '../../src/emulator/index.ts'
import { bytesOf } from './speak.ts'

let emulator: Emulator
let storage: Storage
beforeEach(async () => {
  emulator = await createEmulator({ anonymous: true })
  const { url } = await emulator.listen()
  const retryOptions = { autoRetry: false }
  storage = new Storage({ apiEndpoint: url, projectId: 'emulator-project', retryOptions })
  await storage.createBucket('box')
})
afterEach(() => emulator.close())

const box = (): ReturnType<Storage['bucket']> => storage.bucket('box')
async function save(name: string, content: string | Uint8Array = name): Promise<void> {
  await box().file(name).save(Buffer.from(content), { resumable: false, contentType: 'text/x-test' })
}
const text = async (name: string): Promise<string> => String((await box().file(name).download())[0])

describe('@google-cloud/storage', () => {
  test('combines files', async () => {
    for (const name of ['a', 'b', 'c']) await save(name)
    const [combined] = await box().combine(['c', 'a', 'b'], 'whole.txt')
    expect(combined.name).toBe('whole.txt')
    // The download is checked against the checksum of the whole.
    expect(await text('whole.txt')).toBe('cab')
    expect((await combined.getMetadata())[0]).toMatchObject({ componentCount: 3, contentType: 'text/plain' })
    await expect(box().combine(['a', 'none'], 'x')).rejects.toMatchObject({ code: 404 })
  })

  test('copies, with other metadata, to another bucket, and under a precondition', async () => {
    await save('a', 'content')
    const [copy] = await box()
      .file('a')
      .copy('b', { metadata: { colour: 'red' }, contentType: 'text/html' })
    expect((await copy.getMetadata())[0]).toMatchObject({
      contentType: 'text/html',
      metadata: { colour: 'red' },
    })
    const [other] = await storage.createBucket('other', { location: 'EU' })
    await box().file('a').copy(other)
    expect(String((await other.file('a').download())[0])).toBe('content')
    const preconditionOpts = { ifGenerationMatch: 0 }
    await expect(box().file('a').copy('b', { preconditionOpts })).rejects.toMatchObject({ code: 412 })
    expect(await text('b')).toBe('content')
  })

  test('moves and renames', async () => {
    await save('a', 'content')
    await box().file('a').move('b')
    await box().file('b').moveFileAtomic('c')
    const [files] = await box().getFiles()
    expect(files.map(({ name }) => name)).toEqual(['c'])
    expect(await text('c')).toBe('content')
    expect((await box().file('c').getMetadata())[0]).toMatchObject({ contentType: 'text/x-test' })
  })

  test('changes the storage class', async () => {
    await save('a')
    await box().file('a').setStorageClass('nearline')
    expect((await box().file('a').getMetadata())[0].storageClass).toBe('NEARLINE')
    expect(await text('a')).toBe('a')
  })

  test('reads and writes access control lists', async () => {
    await save('a')
    const entity = 'user-ada@example.com'
    for (const acl of [box().acl, box().acl.default, box().file('a').acl]) {
      await acl.add({ entity, role: 'READER' })
      expect((await acl.get({ entity }))[0]).toMatchObject({ entity, role: 'READER' })
      expect((await acl.update({ entity, role: 'OWNER' }))[0]).toMatchObject({ role: 'OWNER' })
      const [all] = await acl.get()
      expect(all).toContainEqual({ entity, role: 'OWNER' })
      await acl.delete({ entity })
      await expect(acl.get({ entity })).rejects.toMatchObject({ code: 404 })
    }
    await box().file('a').makePublic()
    expect((await box().file('a').acl.get())[0]).toContainEqual({ entity: 'allUsers', role: 'READER' })
    await box().file('a').makePrivate()
    expect((await box().file('a').acl.get())[0]).not.toContainEqual({ entity: 'allUsers', role: 'READER' })
    await box().makePublic({ includeFiles: true })
    expect((await box().acl.get())[0]).toContainEqual({ entity: 'allUsers', role: 'READER' })
    expect((await box().file('a').acl.get())[0]).toContainEqual({ entity: 'allUsers', role: 'READER' })
    await box().makePrivate({ includeFiles: true })
    expect((await box().acl.get())[0]).not.toContainEqual({ entity: 'allUsers', role: 'READER' })
  })

  test('makes, lists and deletes notification configurations', async () => {
    const options = { eventTypes: ['OBJECT_FINALIZE'], objectNamePrefix: 'photos/' }
    const [notification] = await box().createNotification('topic', options)
    const [metadata] = await notification.getMetadata()
    expect(metadata).toMatchObject({
      topic: '//pubsub.googleapis.com/projects/emulator-project/topics/topic',
      payload_format: 'JSON_API_V1',
      event_types: ['OBJECT_FINALIZE'],
      object_name_prefix: 'photos/',
    })
    expect((await box().getNotifications())[0].map(({ id }) => id)).toEqual([notification.id])
    await notification.delete()
    expect((await box().getNotifications())[0]).toEqual([])
    expect(await notification.exists()).toEqual([false])
  })

  test('makes, lists, changes and deletes HMAC keys', async () => {
    const email = 'robot@emulator-project.iam.gserviceaccount.com'
    const [key, secret] = await storage.createHmacKey(email)
    expect(secret).toHaveLength(40)
    expect(key.metadata).toMatchObject({ serviceAccountEmail: email, state: 'ACTIVE' })
    const [keys] = await storage.getHmacKeys({ serviceAccountEmail: email })
    expect(keys.map(({ metadata }) => metadata?.accessId)).toEqual([key.metadata?.accessId])
    await expect(key.delete()).rejects.toMatchObject({ code: 400 })
    await key.setMetadata({ state: 'INACTIVE' })
    await key.delete()
    expect((await storage.getHmacKeys())[0]).toEqual([])
    expect((await storage.getServiceAccount())[0].emailAddress).toMatch(/^service-\d+@/)
  })

  test('reads, changes and tests the policy of a bucket', async () => {
    const [policy] = await box().iam.getPolicy()
    policy.bindings.push({ role: 'roles/storage.objectViewer', members: ['allUsers'] })
    const [changed] = await box().iam.setPolicy(policy)
    expect(changed.bindings).toEqual(policy.bindings)
    // The policy is of the version before by now.
    await expect(box().iam.setPolicy(policy)).rejects.toMatchObject({ code: 412 })
    const permissions = ['storage.buckets.delete', 'storage.objects.get']
    const [granted] = await box().iam.testPermissions(permissions)
    expect(granted).toEqual({ 'storage.buckets.delete': true, 'storage.objects.get': true })
  })

  test('retains files, and locks the policy', async () => {
    await save('a')
    await box().setRetentionPeriod(60)
    await expect(box().file('a').delete()).rejects.toMatchObject({ code: 403 })
    expect((await box().file('a').getExpirationDate())[0]).toBeInstanceOf(Date)
    const [{ metageneration }] = await box().getMetadata()
    await box().lock(metageneration!)
    await expect(box().removeRetentionPeriod()).rejects.toMatchObject({ code: 403 })
  })

  test('downloads what is stored as gzip', async () => {
    const content = bytesOf(1_000_000)
    const file = box().file('a')
    await file.save(Buffer.from(content), { resumable: false, gzip: true })
    expect((await file.getMetadata())[0]).toMatchObject({ contentEncoding: 'gzip' })
    const [inflated] = await file.download()
    expect(Buffer.compare(inflated, content)).toBe(0)
    const [stored] = await file.download({ decompress: false })
    expect(Buffer.compare(gunzipSync(stored), content)).toBe(0)
  })
})
