import { createClient, type Transport } from 'discokit'
import { xhrTransport } from 'discokit/media'
import { expect, test } from 'vitest'
import { bytesOf, connect, same } from '../connection.ts'

const CHUNK_BYTES = 8_388_608
const BYTES = bytesOf(CHUNK_BYTES + 1_000)
const END = `${BYTES.length - 1}/${BYTES.length}`

test('xhrTransport says that it holds bodies', () => {
  expect(xhrTransport().holdsBodies).toBe(true)
})

test.each([
  [true, [`bytes 0-${CHUNK_BYTES - 1}/${BYTES.length}`, `bytes ${CHUNK_BYTES}-${END}`]],
  [undefined, [`bytes 0-${END}`]],
])('a session through a transport with holdsBodies: %s comes as %j', async (holdsBodies, expected) => {
  const { emulator, stored, close } = await connect('in process')
  const connection = emulator.connect()
  const ranges: (string | undefined)[] = []
  const watching: Transport = (request, context) => {
    if (request.method === 'PUT') ranges.push(request.headers['content-range'])
    return connection.transport!(request, context)
  }
  const transport = Object.assign(watching, holdsBodies && { holdsBodies })
  const google = createClient({ ...connection, transport, auth: emulator.serviceAccount() })
  const storage = await google.discover('storage:v1')
  await storage.objects.insert(
    { bucket: 'box', name: 'a', media: BYTES },
    { upload: { kind: 'resumable', checksum: false } },
  )
  expect(ranges).toEqual(expected)
  expect(same(await stored('a'), BYTES)).toBe(true)
  await close()
})
