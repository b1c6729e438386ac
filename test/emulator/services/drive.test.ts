import { drive as googleDrive, auth as googleAuth } from '@googleapis/drive'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEmulator, type Emulator } from '../../../src/emulator/index.ts'
import { bytesOf } from '../speak.ts'
import { apiOf, pagesOf, refusal } from './speak-api.ts'

let emulator: Emulator
let drive: any
beforeEach(async () => {
  emulator = await createEmulator({ now: () => Date.parse('2026-01-02T03:04:05.678Z') })
  drive = await apiOf(emulator, 'drive:v3', { email: 'ann@example.com' })
})
afterEach(() => emulator.close())

const FOLDER = 'application/vnd.google-apps.folder'
const DOCUMENT = 'application/vnd.google-apps.document'
const make = (body: object): Promise<any> => drive.files.create({ body, fields: '*' })

describe('drive.files', () => {
  test('a file is made of metadata alone, and shows four members unless more are asked for', async () => {
    const made = await drive.files.create({ body: { name: 'a.txt', mimeType: 'text/plain' } })
    expect(made).toEqual({
      kind: 'drive#file',
      id: expect.any(String),
      name: 'a.txt',
      mimeType: 'text/plain',
    })
    const root = await drive.files.get({ fileId: 'root', fields: 'id,name,mimeType' })
    expect(root).toMatchObject({ name: 'My Drive', mimeType: FOLDER })
    expect(await drive.files.get({ fileId: made.id, fields: '*' })).toMatchObject({
      parents: [root.id],
      createdTime: '2026-01-02T03:04:05.678Z',
      owners: [{ emailAddress: 'ann@example.com', me: true }],
      trashed: false,
      version: '1',
      permissions: [{ role: 'owner', emailAddress: 'ann@example.com' }],
    })
  })

  test('bytes go up simply or with metadata, and come back whole or in part', async () => {
    const bytes = bytesOf(100_000)
    const alone = await drive.files.create({
      fields: '*',
      media: { content: bytes, contentType: 'image/png' },
    })
    expect(alone).toMatchObject({ name: 'Untitled', mimeType: 'image/png', size: '100000' })
    const both = await drive.files.create({
      fields: '*',
      body: { name: 'photo.png', description: 'sea' },
      media: { content: bytes, contentType: 'image/png' },
    })
    expect(both).toMatchObject({
      name: 'photo.png',
      description: 'sea',
      md5Checksum: alone.md5Checksum,
      fileExtension: 'png',
    })
    expect(both.md5Checksum).toMatch(/^[0-9a-f]{32}$/)
    const back = await drive.files.get.download({ fileId: both.id }).bytes()
    expect(Buffer.compare(back, bytes)).toBe(0)
    const part = await emulator.fetch(
      new Request(`${emulator.url}/drive/v3/files/${both.id}?alt=media`, {
        headers: {
          authorization: `Bearer ${emulator.accessToken({ email: 'ann@example.com' })}`,
          range: 'bytes=10-19',
        },
      }),
    )
    expect([part.status, part.headers.get('content-range')]).toEqual([206, 'bytes 10-19/100000'])
    expect(Buffer.compare(new Uint8Array(await part.arrayBuffer()), bytes.subarray(10, 20))).toBe(0)
  })

  test('an update changes metadata, bytes, and the folder', async () => {
    const folder = await make({ name: 'box', mimeType: FOLDER })
    const file = await make({ name: 'a', properties: { colour: 'red', size: 'L' } })
    emulator.clock.advance(1000)
    const renamed = await drive.files.update({
      fileId: file.id,
      fields: '*',
      addParents: folder.id,
      removeParents: 'root',
      body: { name: 'b', properties: { size: null } },
    })
    expect(renamed).toMatchObject({
      name: 'b',
      parents: [folder.id],
      properties: { colour: 'red' },
      version: '2',
    })
    expect(renamed.properties).toEqual({ colour: 'red' })
    expect(Date.parse(renamed.modifiedTime) - Date.parse(renamed.createdTime)).toBe(1000)
    await drive.files.update({ fileId: file.id, media: { content: 'new', contentType: 'text/plain' } })
    expect(await drive.files.get.download({ fileId: file.id }).text()).toBe('new')
    expect(await refusal(drive.files.update({ fileId: file.id, body: { parents: ['root'] } }))).toEqual([
      403,
      'fieldNotWritable',
    ])
    expect(await refusal(drive.files.update({ fileId: folder.id, addParents: folder.id }))).toEqual([
      403,
      'cannotAddParent',
    ])
    expect(
      await refusal(drive.files.update({ fileId: folder.id, addParents: folder.id, removeParents: 'root' })),
    ).toEqual([403, 'cyclicalParents'])
  })

  test('a deleted folder takes what is in it along', async () => {
    const folder = await make({ name: 'box', mimeType: FOLDER })
    const inner = await make({ name: 'a', parents: [folder.id] })
    await drive.files.delete({ fileId: folder.id })
    for (const fileId of [folder.id, inner.id, 'nothing']) {
      expect(await refusal(drive.files.get({ fileId }))).toEqual([404, 'notFound'])
    }
    expect(await refusal(make({ parents: [folder.id] }))).toEqual([404, 'notFound'])
  })

  test('the trash holds what is in a trashed folder, and can be emptied', async () => {
    const folder = await make({ name: 'box', mimeType: FOLDER })
    const inner = await make({ name: 'a', parents: [folder.id] })
    await drive.files.update({ fileId: folder.id, body: { trashed: true } })
    const get = (): Promise<any> => drive.files.get({ fileId: inner.id, fields: 'trashed,explicitlyTrashed' })
    expect(await get()).toEqual({ trashed: true, explicitlyTrashed: false })
    await drive.files.emptyTrash()
    expect(await refusal(get())).toEqual([404, 'notFound'])
  })

  test('a copy has its own bytes', async () => {
    const file = await drive.files.create({ body: { name: 'a' }, media: 'content' })
    const copy = await drive.files.copy({ fileId: file.id })
    expect(copy.name).toBe('Copy of a')
    await drive.files.delete({ fileId: file.id })
    expect(await drive.files.get.download({ fileId: copy.id }).text()).toBe('content')
    const folder = await make({ mimeType: FOLDER })
    expect(await refusal(drive.files.copy({ fileId: folder.id }))).toEqual([403, 'cannotCopyFile'])
  })

  test('a Google document is exported as its text and not downloaded', async () => {
    const { id: fileId } = await drive.files.create({
      body: { name: 'letter', mimeType: DOCUMENT },
      media: { content: 'Dear all', contentType: 'text/plain' },
    })
    expect(await drive.files.export.download({ fileId, mimeType: 'text/plain' }).text()).toBe('Dear all')
    await expect(drive.files.get.download({ fileId }).text()).rejects.toMatchObject({ status: 403 })
    await expect(
      drive.files.export.download({ fileId, mimeType: 'application/pdf' }).text(),
    ).rejects.toMatchObject({ status: 501 })
    const plain = await drive.files.create({ media: 'x' })
    await expect(
      drive.files.export.download({ fileId: plain.id, mimeType: 'text/plain' }).text(),
    ).rejects.toMatchObject({ status: 403 })
  })

  test('ids can be had before their files', async () => {
    const { ids } = await drive.files.generateIds({ count: 2 })
    expect(new Set(ids).size).toBe(2)
    expect((await make({ id: ids[0], name: 'a' })).id).toBe(ids[0])
    expect(await refusal(make({ id: ids[0] }))).toEqual([409, 'fileIdInUse'])
    expect(await refusal(make({ id: 'mine' }))).toEqual([400, 'invalid'])
  })
})

describe('drive.files.list', () => {
  const names = async (parameters: object): Promise<string[]> =>
    (await drive.files.list(parameters)).files.map((file: { name: string }) => file.name)

  beforeEach(async () => {
    const folder = await make({ name: 'Box of reports', mimeType: FOLDER })
    for (const body of [
      { name: "Ann's report", mimeType: 'text/plain', parents: [folder.id] },
      { name: 'sea.png', mimeType: 'image/png', starred: true },
      { name: 'back\\slash', mimeType: 'image/jpeg' },
    ]) {
      emulator.clock.advance(1000)
      await make(body)
    }
  })

  test.each([
    ["name = 'sea.png'", ['sea.png']],
    ["name != 'sea.png' and mimeType != 'text/plain'", ['back\\slash', 'Box of reports']],
    ["name = 'Ann\\'s report'", ["Ann's report"]],
    ["name = 'back\\\\slash'", ['back\\slash']],
    ["name contains 'repo'", ["Ann's report", 'Box of reports']],
    ["name contains 'port'", []],
    ["mimeType contains 'image/'", ['back\\slash', 'sea.png']],
    ["mimeType='application/vnd.google-apps.folder'", ['Box of reports']],
    ["'root' in parents and starred = true", ['sea.png']],
    ["not 'root' in parents", ["Ann's report"]],
    ["(name='sea.png' or name = 'back\\\\slash') and not starred=true", ['back\\slash']],
    ["name = 'sea.png' or name = 'x' and name = 'y'", ['sea.png']],
    ['trashed = true', []],
    ["'me' in owners and modifiedTime > '2026-01-02T03:04:07.678Z'", ['back\\slash']],
    ["'ann@example.com' in writers and createdTime <= '2026-01-02T03:04:05.678Z'", ['Box of reports']],
    ['sharedWithMe = true', []],
  ])('finds by %s', async (q, found) => {
    expect(await names({ q })).toEqual(found)
  })

  test.each([
    "name = 'x",
    'name',
    "name like 'x'",
    "colour = 'red'",
    'trashed = maybe',
    "name = 'x' and",
    '((',
    ') ',
    "'x' in nothing",
  ])('refuses %s', async (q) => expect(await refusal(drive.files.list({ q }))).toEqual([400, 'invalid']))

  test('says what it cannot search for', async () => {
    expect((await refusal(drive.files.list({ q: "fullText contains 'x'" })))[0]).toBe(501)
    expect((await refusal(drive.files.list({ spaces: 'appDataFolder' })))[0]).toBe(501)
  })

  test('orders and pages', async () => {
    expect(await names({ orderBy: 'folder,name desc' })).toEqual([
      'Box of reports',
      'sea.png',
      'back\\slash',
      "Ann's report",
    ])
    expect(await refusal(drive.files.list({ orderBy: 'colour' }))).toEqual([400, 'invalid'])
    const pages = await pagesOf<any>(drive.files.list({ orderBy: 'name', pageSize: 3 }), (page) => page.files)
    expect(pages.map((page) => page.map((file) => file.name))).toEqual([
      ["Ann's report", 'back\\slash', 'Box of reports'],
      ['sea.png'],
    ])
    const { nextPageToken } = await drive.files.list({ pageSize: 1 })
    expect(await refusal(drive.files.list({ q: 'trashed=true', pageToken: nextPageToken }))).toEqual([
      400,
      'invalid',
    ])
  })
})

describe('drive.permissions', () => {
  test('let others see a file, and are taken back', async () => {
    const bob = await apiOf(emulator, 'drive:v3', { email: 'bob@example.com' })
    const { id: fileId } = await make({ name: 'shared' })
    expect(await refusal(bob.files.get({ fileId }))).toEqual([404, 'notFound'])
    const given = await drive.permissions.create({
      fileId,
      body: { type: 'user', role: 'reader', emailAddress: 'bob@example.com' },
    })
    expect(given).toEqual({ kind: 'drive#permission', id: expect.any(String), type: 'user', role: 'reader' })
    expect(await bob.files.get({ fileId, fields: 'ownedByMe,shared' })).toEqual({
      ownedByMe: false,
      shared: true,
    })
    expect((await bob.files.list({ q: 'sharedWithMe=true' })).files).toHaveLength(1)
    expect(await refusal(bob.files.update({ fileId, body: { name: 'mine' } }))).toEqual([
      403,
      'insufficientFilePermissions',
    ])
    await drive.permissions.create({
      fileId,
      body: { type: 'user', role: 'writer', emailAddress: 'bob@example.com' },
    })
    expect((await bob.files.update({ fileId, body: { name: 'ours' } })).name).toBe('ours')
    expect(await refusal(bob.files.delete({ fileId }))).toEqual([403, 'insufficientFilePermissions'])
    const { permissions } = await drive.permissions.list({ fileId, fields: 'permissions(emailAddress,role)' })
    expect(permissions).toEqual([
      { emailAddress: 'ann@example.com', role: 'owner' },
      { emailAddress: 'bob@example.com', role: 'writer' },
    ])
    expect(await refusal(bob.files.create({ body: { parents: [fileId] } }))).toEqual([
      403,
      'parentNotAFolder',
    ])
    await drive.permissions.delete({ fileId, permissionId: given.id })
    expect(await refusal(bob.files.get({ fileId }))).toEqual([404, 'notFound'])
  })

  test('to write let others put files into a folder', async () => {
    const bob = await apiOf(emulator, 'drive:v3', { email: 'bob@example.com' })
    const folder = await make({ name: 'box', mimeType: FOLDER })
    const share = (role: string): Promise<any> =>
      drive.permissions.create({ fileId: folder.id, body: { type: 'anyone', role } })
    const put = (): Promise<any> => bob.files.create({ body: { name: 'b', parents: [folder.id] } })
    await share('reader')
    expect(await refusal(put())).toEqual([403, 'insufficientFilePermissions'])
    await share('writer')
    expect((await put()).name).toBe('b')
  })

  test.each([{}, { type: 'user' }, { type: 'user', role: 'reader' }, { type: 'x', role: 'reader' }])(
    'refuses %j',
    async (body) => {
      const { id: fileId } = await make({ name: 'a' })
      expect(await refusal(drive.permissions.create({ fileId, body }))).toEqual([400, 'invalid'])
    },
  )
})

test('drive.about.get needs fields, and tells of the account', async () => {
  expect(await refusal(drive.about.get())).toEqual([400, 'required'])
  await drive.files.create({ media: '12345' })
  expect(await drive.about.get({ fields: 'user(emailAddress),storageQuota' })).toMatchObject({
    user: { emailAddress: 'ann@example.com' },
    storageQuota: { usage: '5' },
  })
})

test('a reset forgets every file, and gives the same ids again', async () => {
  const before = await make({ name: 'a' })
  emulator.reset()
  expect((await drive.files.list()).files).toEqual([])
  expect((await make({ name: 'a' })).id).toBe(before.id)
})

test('@googleapis/drive creates, lists, downloads, updates, copies and deletes', async () => {
  const { url } = await emulator.listen()
  const auth = new googleAuth.OAuth2()
  auth.setCredentials({ access_token: emulator.accessToken() })
  const rootUrl = `${url}/`
  const google = googleDrive({ version: 'v3', auth, rootUrl })
  const { data: folder } = await google.files.create({ requestBody: { name: 'box', mimeType: FOLDER } })
  const { data: file } = await google.files.create(
    {
      requestBody: { name: 'a.txt', parents: [folder.id!] },
      media: { mimeType: 'text/plain', body: 'content' },
      fields: 'id,size,md5Checksum',
    },
    { rootUrl },
  ) // Uploads do not heed what the client was made with.
  expect(file).toMatchObject({ size: '7', md5Checksum: '9a0364b9e99bb480dd25e1f0284c8555' })
  const list = await google.files.list({ q: `'${folder.id}' in parents and trashed = false` })
  expect(list.data.files).toMatchObject([{ id: file.id, name: 'a.txt', mimeType: 'text/plain' }])
  const media = await google.files.get({ fileId: file.id!, alt: 'media' }, { responseType: 'text' })
  expect(media.data).toBe('content')
  await google.files.update(
    { fileId: file.id!, media: { mimeType: 'text/plain', body: 'changed' } },
    { rootUrl },
  )
  const again = await google.files.get({ fileId: file.id!, alt: 'media' }, { responseType: 'text' })
  expect(again.data).toBe('changed')
  expect((await google.files.copy({ fileId: file.id! })).data.name).toBe('Copy of a.txt')
  await google.files.delete({ fileId: file.id! })
  await expect(google.files.get({ fileId: file.id! })).rejects.toMatchObject({
    code: 404,
    response: { data: { error: { errors: [{ reason: 'notFound', location: 'fileId' }] } } },
  })
})
