import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createEmulator, type Emulator } from '../../../src/emulator/index.ts'
import { apiByKey, apiOf, refusal } from './speak-api.ts'

let emulator: Emulator
let translate: any
beforeEach(async () => {
  emulator = await createEmulator()
  translate = await apiByKey(emulator, 'translate:v2')
})
afterEach(() => emulator.close())

describe('language.translations', () => {
  const expected = {
    data: {
      translations: [
        { translatedText: '[de] Good morning', detectedSourceLanguage: 'en' },
        { translatedText: '[de] Доброе утро', detectedSourceLanguage: 'ru' },
      ],
    },
  }

  test('mark texts with the language, in the order they came, inside data', async () => {
    const q = ['Good morning', 'Доброе утро']
    expect(await translate.translations.translate({ body: { q, target: 'de' } })).toEqual(expected)
    expect(await translate.translations.list({ q, target: 'de' })).toEqual(expected)
  })

  test('detect nothing where the source is told', async () => {
    const { data } = await translate.translations.list({ q: ['a'], target: 'de', source: 'fr', model: 'nmt' })
    expect(data.translations).toEqual([{ translatedText: '[de] a', model: 'nmt' }])
  })

  test('answer a person as well', async () => {
    const own = await apiOf(emulator, 'translate:v2')
    const { data } = await own.translations.translate({ body: { q: ['a'], target: 'ja' } })
    expect(data.translations[0].translatedText).toBe('[ja] a')
  })

  test.each([
    [{ target: 'de' }, 'required'],
    [{ q: ['a'] }, 'required'],
    [{ q: ['a'], target: 'xx' }, 'invalid'],
    [{ q: ['a'], target: 'de', source: 'de' }, 'invalid'],
    [{ q: ['a'], target: 'de', format: 'pdf' }, 'invalid'],
    [{ q: Array.from({ length: 129 }, () => 'a'), target: 'de' }, 'invalid'],
  ])('refuse %j', async (body, reason) => {
    expect(await refusal(translate.translations.translate({ body }))).toEqual([400, reason])
  })

  test('need a key or a token', async () => {
    const response = await emulator.fetch(
      new Request(`${emulator.url}/translation.googleapis.com/language/translate/v2?q=a&target=de`),
    )
    expect(response.status).toBe(401)
  })
})

test('language.languages.list names languages in a language', async () => {
  const { data } = await translate.languages.list({ target: 'de' })
  expect(data.languages).toContainEqual({ language: 'fr', name: 'Französisch' })
  expect((await translate.languages.list()).data.languages).toContainEqual({ language: 'zh-CN' })
  expect(await refusal(translate.languages.list({ target: 'xx' }))).toEqual([400, 'invalid'])
})

test('language.detections tell a language by its letters', async () => {
  const q = ['plain', 'Γειά', 'こんにちは', '你好']
  const { data } = await translate.detections.list({ q })
  expect(data.detections.map(([{ language }]: any) => language)).toEqual(['en', 'el', 'ja', 'zh-CN'])
  expect(await translate.detections.detect({ body: { q } })).toEqual({ data })
})
