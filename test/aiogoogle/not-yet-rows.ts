import { ValidationError } from 'discokit'
import * as auth from 'discokit/auth'
import { expect } from 'vitest'
import { connect } from './connect.ts'
import type { RowTests } from '../examples/page-rows.ts'

/** Fails when users can sign in: the page must then say how. */
function nobodySignsIn(): void {
  expect(Object.keys(auth).filter((name) => /login|oauth|authorizationUrl/i.test(name))).toEqual([])
}

/** What the page says is not there yet. A test that fails here wants a row of the page to be written. */
export const notYetRows: RowTests = {
  async M3() {
    await using c = await connect()
    const { set } = (await c.google.discover('youtube:v3')).thumbnails
    expect(set.$raw.mediaUpload.maxSize).toBe('52428800')
    const media = new Uint8Array(52_428_801)
    expect(set.prepare({ videoId: 'v', media }).media).toBe(media)
  },

  async M6() {
    await using c = await connect()
    const { insert } = (await c.google.discover('storage:v1')).objects
    const upload = insert({ bucket: 'my-photos', name: 'a', media: 'x' }, { upload: {} })
    await expect(Promise.resolve(upload)).rejects.toBeInstanceOf(ValidationError)
    expect(() =>
      insert.prepare({ bucket: 'my-photos', name: 'a', media: 'x', uploadType: 'resumable' }),
    ).toThrow(ValidationError)
  },

  async M9() {
    await using c = await connect()
    const { set } = (await c.google.discover('youtube:v3')).thumbnails
    const media = { content: 'a,b', contentType: 'text/csv' }
    expect(set.$raw.mediaUpload.accept).not.toContain('text/csv')
    expect(set.prepare({ videoId: 'v', media }).media).toEqual(media)
  },

  O2: nobodySignsIn,
  O5: nobodySignsIn,
  O6: nobodySignsIn,
  O7: nobodySignsIn,
  O9: nobodySignsIn,
  O13: nobodySignsIn,
  O14: nobodySignsIn,
  O16: nobodySignsIn,
}
