/** Stores take nothing that they could not give again, leave what is there, and repeat nothing of it in errors. */
import { ValidationError } from 'discokit'
import {
  createSecret,
  keyvLoginStore,
  type LoginStore,
  redisLoginStore,
  type SavedLogin,
  sealedLoginStore,
  sqlLoginStore,
} from 'discokit/login'
import { Keyv } from 'keyv'
import { inspect } from 'node:util'
import { expect, test } from 'vitest'

const login = { refreshToken: 'r' }
const withMore = (more: string): SavedLogin & { more: string } => ({ ...login, more })
const large = withMore('x'.repeat(1_048_576))
/** It fits, and not when it is sealed. */
const almost = withMore('x'.repeat(900_000))

/** What is sent to a database. */
function sent() {
  const texts: string[] = []
  const note = async (_: string, given: readonly string[] | { arguments: string[] }) => {
    texts.push(...('arguments' in given ? given.arguments : given))
    return { rows: [], rowCount: 1 }
  }
  return { texts, note }
}

test.each<[string, (note: ReturnType<typeof sent>['note']) => LoginStore]>([
  ['Redis', (note) => redisLoginStore({ eval: (script, options) => note(script, options) })],
  ['SQL', (note) => sqlLoginStore({ query: (text, values) => note(text, values) })],
])('%s is not sent what is too large or no login', async (_, storeOf) => {
  const { texts, note } = sent()
  const store = storeOf(note)
  for (const given of [large, {}, { refreshToken: 7 } as never, undefined as never])
    await expect(store.put('ada', given, undefined)).rejects.toBeInstanceOf(ValidationError)
  const sealed = sealedLoginStore(store, createSecret())
  await expect(sealed.put('ada', almost, undefined)).rejects.toBeInstanceOf(ValidationError)
  expect(texts).toEqual([])
})

test('a login in a keyv is not lost to one that cannot be read again', async () => {
  const store = keyvLoginStore(new Keyv())
  await store.put('ada', login, undefined)
  const { version } = (await store.get('ada'))!
  await expect(store.put('ada', large, version)).rejects.toBeInstanceOf(ValidationError)
  expect(await store.get('ada')).toEqual({ login, version })
})

test('errors of ioredis, which have the whole command in them, say nothing of a login', async () => {
  const store = redisLoginStore({
    async call(name: string, ...args: string[]) {
      const words = "READONLY You can't write against a read only replica."
      throw Object.assign(new Error(words), { name: 'ReplyError', command: { name, args } })
    },
  })
  const failure: unknown = await store
    .put('ada', { refreshToken: 'canary' }, undefined)
    .catch((error) => error)
  expect(inspect(failure, { depth: Infinity, showHidden: true })).not.toContain('canary')
  expect(failure).toMatchObject({ name: 'ReplyError', message: expect.stringContaining('READONLY') })
})
