import * as fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { TransportError } from '../../src/errors.ts'
import {
  collect,
  concatBytes,
  requestBodyChunks,
  responseBody,
  tooLarge,
} from '../../src/protocol/http-body.ts'
import { chunkSizes, cut, Source, utf8 } from './chunks.ts'

const someBytes = fc.uint8Array({ maxLength: 300 })

describe('responseBody', () => {
  test('gives the same bytes in all three ways, however they arrived', async () => {
    await fc.assert(
      fc.asyncProperty(someBytes, chunkSizes, async (bytes, sizes) => {
        const body = () => responseBody(new Source(cut(bytes, sizes)))
        expect(await body().bytes()).toEqual(bytes)
        expect(await collect(body())).toEqual(bytes)
        expect(await body().text()).toBe(new TextDecoder().decode(bytes))
      }),
    )
  })

  test.each([
    { name: 'a text', source: 'Grüße 🌍' },
    { name: 'bytes', source: utf8('Grüße 🌍') },
    { name: 'chunks that divide a character', source: new Source(cut(utf8('Grüße 🌍'), [1])) },
    {
      name: 'chunks of which some are empty',
      source: new Source([utf8(''), utf8('Grüße '), utf8(''), utf8('🌍')]),
    },
  ])('is made of $name', async ({ source }) => {
    expect(await responseBody(source).text()).toBe('Grüße 🌍')
  })

  test.each(['', new Uint8Array(0), new Source([]), new Source([utf8('')])])(
    'gives no bytes when there are none',
    async (source) => {
      expect(await responseBody(source).bytes()).toEqual(new Uint8Array(0))
    },
  )

  test('reads a text without its byte order mark, and bytes that are not UTF-8 as replacement characters', async () => {
    expect(await responseBody(Uint8Array.of(0xef, 0xbb, 0xbf, 0x61)).text()).toBe('a')
    expect(await responseBody(Uint8Array.of(0x61, 0xff, 0x62)).text()).toBe('a\ufffdb')
  })

  test('asks nothing of its source before it is read', async () => {
    const source = new Source([utf8('one'), utf8('two')])
    const body = responseBody(source)
    expect(source.given).toBe(0)
    await body[Symbol.asyncIterator]().next()
    expect(source.given).toBe(1)
  })

  test('goes on where the last reader stopped', async () => {
    const body = responseBody(new Source([utf8('one'), utf8('two')]))
    await body[Symbol.asyncIterator]().next()
    expect(await body.text()).toBe('two')
  })

  test('is empty when it is read again', async () => {
    const body = responseBody(new Source([utf8('one')]))
    expect(await body.text()).toBe('one')
    expect(await body.text()).toBe('')
  })

  test.each(['bytes', 'text'] as const)('lets %s take as many bytes as are allowed', async (read) => {
    const body = responseBody(new Source([utf8('123'), utf8('45')]))
    expect(await body[read](5)).toHaveLength(5)
  })

  test.each(['bytes', 'text'] as const)(
    'lets go of its source when %s meets more bytes than allowed',
    async (read) => {
      const source = new Source([utf8('123'), utf8('45'), utf8('67')])
      await expect(responseBody(source)[read](4)).rejects.toMatchObject({ reason: 'ANSWER_TOO_LARGE' })
      expect(source).toMatchObject({ given: 2, ended: false, released: true })
    },
  )

  test('passes on the failure of its source', async () => {
    const failure = new Error('connection reset')
    async function* broken(): AsyncGenerator<Uint8Array, void, undefined> {
      yield utf8('beginning')
      throw failure
    }
    await expect(responseBody(broken()).text()).rejects.toBe(failure)
  })

  test('ends the iteration and lets go of the source when cancelled', async () => {
    const source = new Source([utf8('one'), utf8('two')])
    const body = responseBody(source)
    const chunks = body[Symbol.asyncIterator]()
    await chunks.next()
    body.cancel()
    expect(await chunks.next()).toEqual({ done: true, value: undefined })
    expect(source).toMatchObject({ given: 1, ended: false, released: true })
  })

  test('reads nothing from its source when cancelled before it is read', async () => {
    const source = new Source([utf8('one')])
    const body = responseBody(source)
    body.cancel()
    body.cancel()
    expect(await body.bytes()).toEqual(new Uint8Array(0))
    expect(source.given).toBe(0)
  })

  test('can be cancelled after its end', async () => {
    const body = responseBody('text')
    await body.text()
    expect(() => body.cancel()).not.toThrow()
  })

  test('can be cancelled when its source cannot, or fails to', async () => {
    const next = (): Promise<IteratorResult<Uint8Array>> => Promise.resolve({ done: true, value: undefined })
    const fails = (): Promise<IteratorResult<Uint8Array>> => Promise.reject(new Error('cannot clean up'))
    for (const iterator of [{ next }, { next, return: fails }]) {
      const body = responseBody({ [Symbol.asyncIterator]: () => iterator })
      expect(() => body.cancel()).not.toThrow()
      expect(await body.text()).toBe('')
    }
  })
})

describe('requestBodyChunks', () => {
  test.each([undefined, '', new Uint8Array(0)])('gives no chunk for %j', async (body) => {
    for await (const chunk of requestBodyChunks(body)) expect.unreachable(`${chunk.length} bytes`)
  })

  test.each(['Grüße', utf8('Grüße')])('gives a whole body as one chunk', async (body) => {
    const chunks: Uint8Array[] = []
    for await (const chunk of requestBodyChunks(body)) chunks.push(chunk)
    expect(chunks).toEqual([utf8('Grüße')])
  })

  test('opens a stream anew each time', async () => {
    const opened: Source[] = []
    const open = (): Source => {
      opened.push(new Source([utf8('one'), utf8('two')]))
      return opened.at(-1)!
    }
    const body = { length: 6, replayable: true, open }
    expect(await collect(requestBodyChunks(body))).toEqual(utf8('onetwo'))
    expect(await collect(requestBodyChunks(body))).toEqual(utf8('onetwo'))
    expect(opened).toHaveLength(2)
  })
})

describe('collect', () => {
  test('puts all chunks together', async () => {
    await fc.assert(
      fc.asyncProperty(someBytes, chunkSizes, async (bytes, sizes) => {
        expect(await collect(new Source(cut(bytes, sizes)))).toEqual(bytes)
      }),
    )
  })

  test('rejects exactly when there are more bytes than allowed', async () => {
    await fc.assert(
      fc.asyncProperty(someBytes, chunkSizes, fc.nat({ max: 300 }), async (bytes, sizes, maxBytes) => {
        const result = await collect(new Source(cut(bytes, sizes)), maxBytes).catch((error: unknown) => error)
        if (bytes.length > maxBytes) expect(result).toBeInstanceOf(TransportError)
        else expect(result).toEqual(bytes)
      }),
    )
  })
})

describe('tooLarge', () => {
  test('makes an error that says the limit and that the server had answered', () => {
    expect(tooLarge(1234)).toMatchObject({
      code: 'transport_failed',
      reason: 'ANSWER_TOO_LARGE',
      progress: 'answered',
      message: expect.stringContaining('1234 bytes'),
    })
  })
})

describe('concatBytes', () => {
  test('gives the parts one after the other', () => {
    fc.assert(
      fc.property(fc.array(someBytes, { maxLength: 5 }), (parts) => {
        expect(Buffer.from(concatBytes(parts))).toEqual(Buffer.concat(parts))
      }),
    )
  })

  test('gives an only part itself, without a copy', () => {
    const part = utf8('one')
    expect(concatBytes([part])).toBe(part)
  })
})
