import { describe, expect, test } from 'vitest'
import { answerRows } from './answer-rows.ts'
import { clientRows } from './client-rows.ts'
import { credentialRows } from './credential-rows.ts'
import { introspectionRows } from './introspection-rows.ts'
import { loginRows } from './login-rows.ts'
import { mediaRows } from './media-rows.ts'
import { readRows, type RowTests } from '../examples/page-rows.ts'
import { requestRows } from './request-rows.ts'
import { sendingRows } from './sending-rows.ts'
import { validationRows } from './validation-rows.ts'

const rows = await readRows('from-aiogoogle')
const tests: RowTests = {
  ...clientRows,
  ...introspectionRows,
  ...requestRows,
  ...validationRows,
  ...sendingRows,
  ...answerRows,
  ...mediaRows,
  ...credentialRows,
  ...loginRows,
}

describe('the page for those who come from aiogoogle', () => {
  test('has exactly the rows that are tested, each once', () => {
    const ids = rows.map(({ id }) => id)
    expect(ids).toHaveLength(new Set(ids).size)
    expect(ids.toSorted()).toEqual(Object.keys(tests).toSorted())
  })
})

describe.each(rows.filter(({ id }) => id in tests))('$id $there', ({ id }) => {
  test('is here as the page says', () => tests[id]!())
})
