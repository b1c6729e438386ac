import * as auth from 'discokit/auth'
import { expect } from 'vitest'
import type { RowTests } from '../examples/page-rows.ts'

/** Fails when users can sign in: the page must then say how. */
function nobodySignsIn(): void {
  expect(Object.keys(auth).filter((name) => /login|oauth|authorizationUrl/i.test(name))).toEqual([])
}

/** What the page says is not there yet. A test that fails here wants a row of the page to be written. */
export const notYetRows: RowTests = {
  O2: nobodySignsIn,
  O5: nobodySignsIn,
  O6: nobodySignsIn,
  O7: nobodySignsIn,
  O9: nobodySignsIn,
  O13: nobodySignsIn,
  O14: nobodySignsIn,
  O16: nobodySignsIn,
}
