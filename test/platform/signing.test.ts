import { createVerify } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { platform as node } from '../../src/platform/node.ts'
import { platform as web } from '../../src/platform/web.ts'
import { PKCS1, PKCS8, publicKey } from '../auth/keys.ts'

describe.each([node, web])('on the $name platform', (platform) => {
  test('a key in PKCS #8 signs with RS256, as often as asked', async () => {
    const sign = await platform.importRs256Key(PKCS8)
    for (const text of ['', 'header.claims', 'ä'.repeat(10_000)]) {
      const data = new TextEncoder().encode(text)
      const signature = await sign(data)
      expect(createVerify('RSA-SHA256').update(data).verify(publicKey, signature)).toBe(true)
    }
  })

  test.each(['', 'text', PKCS8.slice(0, 500), PKCS8.replace(/\n.{64}\n/, '\n')])(
    'what is no key is refused',
    async (pem) => {
      await expect(platform.importRs256Key(pem)).rejects.toThrow()
    },
  )

  test('an environment variable that is empty counts as unset', () => {
    expect(platform.environment('DISCOKIT_TEST_NO_SUCH_VARIABLE')).toBeUndefined()
  })

  test('a transport is made without opening anything, and closes', async () => {
    await platform.createTransport().close()
  })
})

test('PKCS #1 is read on Node, and refused where the web has no way to read it', async () => {
  const sign = await node.importRs256Key(PKCS1)
  expect((await sign(new Uint8Array(1))).length).toBe(256)
  await expect(web.importRs256Key(PKCS1)).rejects.toThrow()
})

test('a file is read on Node, and refused where there are none', async () => {
  expect(await node.readTextFile(import.meta.filename)).toContain('a file is read on Node')
  await expect(node.readTextFile('/no/such/file')).rejects.toMatchObject({ code: 'ENOENT' })
  await expect(web.readTextFile('key.json')).rejects.toThrow(/has no files/)
})
