import { type JsonSchema, validate, ValidationError } from 'discokit'
import { describe, expect, test } from 'vitest'

const schemas: Record<string, JsonSchema> = {
  Note: { id: 'Note', type: 'object', properties: { title: { type: 'string' }, size: { type: 'integer' } } },
}

describe('validate', () => {
  test('passes what is good', () => {
    expect(validate({ title: 'x', size: 1 }, schemas['Note']!)).toBeUndefined()
    expect(validate({ title: 'x' }, { $ref: 'Note' }, schemas)).toBeUndefined()
    expect(validate(null, { $ref: 'Note' }, schemas)).toBeUndefined()
  })

  test.each([
    ['a record', schemas],
    ['a Map', new Map(Object.entries(schemas))],
  ])('throws one error with all problems, schemas in %s', (_, given) => {
    const error = thrown(() => validate({ titel: 'x', size: 'x' }, { $ref: 'Note' }, given, 'note'))
    expect(error).toBeInstanceOf(ValidationError)
    expect(error).toMatchObject({
      code: 'invalid_input',
      message:
        "Note: note.titel: is not a member of Note (did you mean 'title'?); note.size: must be an integer, not a string",
      problems: [{ path: 'note.titel', suggestion: 'title' }, { path: 'note.size' }],
    })
  })

  test('misses what is not there', () => {
    expect(thrown(() => validate(undefined, { type: 'string' }))).toMatchObject({
      problems: [{ path: 'value', message: 'is required' }],
    })
  })

  test('does not take what every object has for a schema', () => {
    for (const $ref of ['toString', '__proto__', 'constructor']) validate({ a: 1 }, { $ref }, {})
  })
})

function thrown(run: () => void): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}
