import { createClient } from 'discokit'
import { anonymous } from 'discokit/auth'
import { describe, expect, test } from 'vitest'
import { answer, answering } from './answers.ts'
import { notes } from './notes-document.ts'

const transport = answering(({ url }) =>
  answer(
    200,
    url.includes('pageToken') ? { notes: [{ id: 2 }] } : { notes: [{ id: 1 }], nextPageToken: 't' },
  ),
)
const google = createClient({ transport, auth: anonymous() })
const { list } = google.api(notes)['notes']
const transform = (content: { notes: unknown[] }): number => content.notes.length

describe('transform', () => {
  test('makes what a call gives', async () => {
    expect(await list({ owner: 'o' }, { transform })).toBe(1)
    expect((await list({ owner: 'o' }, { transform }).withResponse()).data).toBe(1)
  })

  test('makes what a sent request gives, of one and of many', async () => {
    const request = list.prepare({ owner: 'o' })
    expect(await google.send(request, { transform })).toBe(1)
    expect(await google.send([request], { transform })).toEqual([{ status: 'fulfilled', value: 1 }])
  })

  test('leaves pages and items as they are', async () => {
    const items = []
    for await (const item of list({ owner: 'o' }, { transform })) items.push(item)
    expect(items).toEqual([{ id: 1 }, { id: 2 }])
  })

  test('that throws fails the call', async () => {
    const broken = (): never => {
      throw new RangeError('not this')
    }
    await expect(list({ owner: 'o' }, { transform: broken })).rejects.toThrow('not this')
  })
})
