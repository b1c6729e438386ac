import {
  AuthError,
  createClient,
  NotFoundError,
  TimeoutError,
  type Transport,
  UnauthenticatedError,
  ValidationError,
} from 'discokit'
import { accessToken, anonymous, apiKey, serviceAccount } from 'discokit/auth'
import { nodeTransport } from 'discokit/node'
import { expect } from 'vitest'
import { connect, failure } from './connect.ts'
import type { RowTests } from '../examples/page-rows.ts'

/** The object that everything begins with. */
export const clientRows: RowTests = {
  async A1() {
    await using c = await connect()
    const alan = c.google.as(accessToken(c.emulator.accessToken({ email: 'alan@example.com' })))
    const whoIs = async (google: typeof alan): Promise<string> =>
      (await (await google.discover('oauth2:v2')).userinfo.get()).email
    expect([await whoIs(c.google), await whoIs(alan)]).toEqual(['ada@example.com', 'alan@example.com'])
    expect(() => createClient({ api_key: 'k' } as object)).toThrow(ValidationError)
  },

  async A2() {
    await using c = await connect()
    const asked: string[] = []
    const { transport: inner } = c.emulator.connect()
    const transport: Transport = (request, context) => {
      asked.push(request.method)
      return inner!(request, context)
    }
    await c.client({ transport, auth: anonymous() }).discover('storage:v1')
    expect(asked).toEqual(['GET'])

    await c.emulator.listen()
    const overPort = c.client({
      transport: nodeTransport({ maxSockets: 1, proxy: false }),
      auth: anonymous(),
    })
    expect((await overPort.discover('storage:v1')).$id).toBe('storage:v1')
    await overPort.close()
  },

  async A3() {
    await using c = await connect()
    const discovery = await c.google.discover('discovery:v1')
    expect((await discovery.apis.list({ name: 'storage' })).items).toMatchObject([{ id: 'storage:v1' }])
  },

  async A4() {
    await using c = await connect()
    await c.emulator.listen()
    const google = createClient({ ...c.emulator.connect(), auth: apiKey(c.emulator.apiKey()) })
    const language = await google.discover('translate:v2')
    await language.languages.list()
    await google.close()
    await expect(Promise.resolve(language.languages.list())).rejects.toThrow()
    expect(createClient()[Symbol.asyncDispose]).toBeTypeOf('function')
  },

  async A5() {
    await using c = await connect()
    const drive = await c.google.discover('drive:v3')
    const names = Array.from({ length: 20 }, (_, i) => `file ${i}`)
    const files = await Promise.all(names.map((name) => drive.files.create({ body: { name } })))
    expect(files.map(({ name }) => name)).toEqual(names)
  },

  async A6() {
    await using c = await connect()
    const google = c.client({ auth: apiKey(c.emulator.apiKey()) })
    const { languages } = await google.discover('translate:v2')
    expect((await languages.list()).data.languages.length).toBeGreaterThan(0)
  },

  async A7() {
    await using c = await connect()
    const query = { name: 'drive', preferred: true, fields: 'items(id,version)' }
    expect(await c.google.listApis(query)).toEqual({ items: [{ id: 'drive:v3', version: 'v3' }] })
    expect((await c.google.listApis()).items.length).toBeGreaterThan(5)
  },

  async A8() {
    await using c = await connect()
    const [one, two] = await Promise.all([c.google.discover('drive:v3'), c.google.discover('drive:v3')])
    expect([one.$id, two.$id]).toEqual(['drive:v3', 'drive:v3'])
    expect(c.called()).toEqual(['discovery.apis.getRest'])
    const unchecked = await c.google.discover('drive:v3', { validate: false })
    expect(() => one.files.list.prepare({ pageSize: 'ten' })).toThrow(ValidationError)
    expect(unchecked.files.list.prepare({ pageSize: 'ten' }).url).toContain('pageSize=ten')
  },

  async A9() {
    await using c = await connect()
    expect((await c.google.discover('drive')).$version).toBe('v3')
    expect(await failure(() => c.google.discover('drvie'))).toMatchObject({
      code: 'invalid_input',
      problems: [{ suggestion: 'drive' }],
    })
    expect(await failure(() => c.google.discover('drive:v33'))).toMatchObject({
      problems: [{ suggestion: 'drive:v3' }],
    })
  },

  async A10() {
    await using c = await connect()
    await c.google.discover('drive:v3')
    expect(c.emulator.journal.exchanges[0]!.path).toBe('/discovery/v1/apis/drive/v3/rest')
    const url = `${c.emulator.url}/discovery/v1/apis/youtube/v3/rest`
    expect((await c.google.discover({ url })).$id).toBe('youtube:v3')
  },

  async A11() {
    await using c = await connect()
    const asked: string[] = []
    const { transport: inner } = c.emulator.connect()
    const transport: Transport = (request, context) => {
      const { pathname, search } = new URL(request.url)
      asked.push(pathname + search)
      // The central service does not have it; the API's own address answers with the document.
      if (pathname === '/discovery/v1/apis/drive/v3/rest' && asked.length > 1) throw new Error('asked again')
      const url = pathname.startsWith('/$discovery/')
        ? `${c.emulator.url}/discovery/v1/apis/drive/v3/rest`
        : `${c.emulator.url}/discovery/v1/apis/nothing/v1/rest`
      return inner!({ ...request, url }, context)
    }
    const drive = await c.client({ transport }).discover('drive:v3')
    expect(drive.$id).toBe('drive:v3')
    expect(asked).toEqual(['/discovery/v1/apis/drive/v3/rest', '/$discovery/rest?version=v3'])
  },

  async A12() {
    await using c = await connect()
    const token = c.emulator.accessToken({ email: 'me@example.com' })
    const drive = await c.client({ auth: accessToken(token) }).discover('drive:v3')
    const { user } = await drive.about.get({ fields: 'user' })
    expect(user.emailAddress).toBe('me@example.com')
  },

  async A13() {
    await using c = await connect()
    const key = await c.emulator.serviceAccountKey()
    const scopes = ['https://www.googleapis.com/auth/devstorage.read_only']
    const storage = await c.client({ auth: serviceAccount({ key, scopes }) }).discover('storage:v1')
    expect((await storage.buckets.list({ project: 'p' })).items).toHaveLength(1)
    const insert = (): unknown => storage.buckets.insert({ project: 'p', body: { name: 'another' } })
    expect(await failure(insert)).toMatchObject({ code: 'permission_denied' })
  },

  async A14() {
    await using c = await connect()
    const key = c.emulator.apiKey()
    for (const place of ['header', 'query'] as const) {
      const { languages } = await c.client({ auth: apiKey(key, { in: place }) }).discover('translate:v2')
      await languages.list()
    }
    const [inHeader, inQuery] = c.emulator.journal.exchanges.filter(({ methodId }) =>
      methodId?.startsWith('language'),
    )
    expect(inHeader!.headers).toHaveProperty('x-goog-api-key')
    expect(inHeader!.path).not.toContain('key')
    expect(inQuery!.path).toMatch(/[?]key=/)
  },

  async A15() {
    await using c = await connect()
    const open = await c.client({ auth: anonymous() }).discover('discovery:v1')
    expect((await open.apis.list()).kind).toBe('discovery#directoryList')
    const drive = await c.client({ auth: anonymous() }).discover('drive:v3')
    expect(await failure(() => drive.files.list())).toBeInstanceOf(UnauthenticatedError)
    const bare = await c.client({}).discover('drive:v3')
    c.emulator.journal.clear()
    expect(await failure(() => bare.files.list())).toBeInstanceOf(AuthError)
    expect(c.called()).toEqual([])
  },

  async A16() {
    await using c = await connect()
    const drive = await c.google.discover('drive:v3')
    const [result] = await c.google.send([drive.files.get.prepare({ fileId: 'none' })])
    expect(result).toMatchObject({ status: 'rejected', reason: { status: 404, code: 'not_found' } })
  },

  async A17() {
    await using c = await connect()
    const drive = await c.google.discover('drive:v3')
    expect(await c.google.send(drive.files.list.prepare())).toMatchObject({ kind: 'drive#fileList' })
  },

  async A18() {
    await using c = await connect()
    const { get, list } = (await c.google.discover('storage:v1')).buckets
    const requests = [
      get.prepare({ bucket: 'my-photos' }),
      get.prepare({ bucket: 'none' }),
      list.prepare({ project: 'p' }),
    ]
    const [first, second, third] = await c.google.send(requests)
    expect(first).toMatchObject({ status: 'fulfilled', value: { name: 'my-photos' } })
    expect(second).toMatchObject({ status: 'rejected', reason: expect.any(NotFoundError) })
    expect(third).toMatchObject({ status: 'fulfilled', value: { kind: 'storage#buckets' } })
    expect(await c.google.send([])).toEqual([])
  },

  async A19() {
    await using c = await connect()
    const { transport: inner } = c.emulator.connect()
    const transport: Transport = (request, context) =>
      request.url.includes('slow')
        ? new Promise((_, reject) => context.onEnd(reject))
        : inner!(request, context)
    const google = c.client({ transport, auth: accessToken(c.emulator.accessToken()) })
    const { get } = (await google.discover('storage:v1')).buckets
    const requests = [get.prepare({ bucket: 'my-photos' }), get.prepare({ bucket: 'slow' })]
    for (const options of [{ totalTimeoutMs: 100 }, { timeoutMs: 100 }]) {
      const [answered, late] = await google.send(requests, options)
      expect(answered).toMatchObject({ status: 'fulfilled' })
      expect(late).toMatchObject({ status: 'rejected', reason: expect.any(TimeoutError) })
    }
  },

  async A20() {
    await using c = await connect()
    const { get } = (await c.google.discover('storage:v1')).buckets
    const { data, response } = await get({ bucket: 'my-photos' }).withResponse()
    expect(response).toMatchObject({ status: 200, headers: { 'content-type': /json/ } })
    expect(await get({ bucket: 'my-photos' })).toEqual(data)
  },

  async A21() {
    await using c = await connect()
    const drive = await c.google.discover('drive:v3')
    const other = accessToken(c.emulator.accessToken({ email: 'alan@example.com' }))
    c.emulator.journal.clear()
    const alans = drive.$as(other)
    expect(c.called()).toEqual([])
    const emailOf = async (api: typeof drive): Promise<string> =>
      (await api.about.get({ fields: 'user' })).user.emailAddress
    expect(await emailOf(alans)).toBe('alan@example.com')
    expect(await emailOf(drive)).toBe('ada@example.com')
    expect(await emailOf(await c.google.as(other).discover('drive:v3'))).toBe('alan@example.com')
  },

  async A22() {
    await using c = await connect()
    const storage = await c.client({ auth: c.emulator.serviceAccount() }).discover('storage:v1')
    const callTen = (): Promise<unknown> =>
      Promise.all(Array.from({ length: 10 }, () => storage.buckets.list({ project: 'p' })))
    const tokens = (): number => c.emulator.journal.exchanges.filter(({ path }) => path === '/token').length
    await callTen()
    expect(tokens()).toBe(1)
    c.emulator.clock.advance(3_600_000)
    await callTen()
    expect(tokens()).toBe(2)
    c.emulator.revokeTokens() // now the answer is 401 once
    await storage.buckets.list({ project: 'p' })
    expect(tokens()).toBe(3)
  },
}
