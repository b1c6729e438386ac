import type { HttpResponse } from '../../../protocol/http.ts'
import { jsonAnswer } from '../../answers.ts'
import { ApiFailure, invalid, invalidParameter, required } from '../../api-failure.ts'
import { checkTexts } from '../../fields.ts'
import { type Call, readJsonObject } from '../../service.ts'
import { checkLanguage, languageOf, readTexts } from './languages.ts'

/** `language.translations.list`: everything in the address. */
export function listTranslations({ parameters }: Call): HttpResponse {
  return translationsAnswer({
    texts: parameters.all('q').map(String),
    target: parameters.text('target'),
    source: parameters.text('source'),
    format: parameters.text('format'),
    model: parameters.text('model'),
  })
}

/** `language.translations.translate`: everything in the body. */
export async function translate(call: Call): Promise<HttpResponse> {
  const { q, ...body } = await readJsonObject(call.body)
  checkTexts(body, ['target', 'source', 'format', 'model'])
  const texts = readTexts(q)
  return translationsAnswer({ ...(body as Omit<Order, 'texts'>), texts })
}

/** What is to be translated, and how. */
interface Order {
  readonly texts: readonly string[]
  readonly target?: string | undefined
  readonly source?: string | undefined
  readonly format?: string | undefined
  readonly model?: string | undefined
}

/** A stand-in for a translation: the text itself behind the language that was asked for, as in `[de] Good morning`. */
function translationsAnswer({ texts, target, source, format, model }: Order): HttpResponse {
  if (!target) throw required('target')
  checkLanguage('target', target)
  if (source) checkLanguage('source', source)
  if (source === target) throw new ApiFailure(400, 'invalid', 'Bad language pair.')
  if (format !== undefined && format !== 'text' && format !== 'html') throw invalidParameter('format')
  if (texts.length > MOST_TEXTS) throw invalid(`Too many text segments: at most ${MOST_TEXTS}.`)
  return jsonAnswer({
    data: {
      translations: texts.map((text) => ({
        translatedText: text === '' ? '' : `[${target}] ${text}`,
        ...(!source && { detectedSourceLanguage: languageOf(text) }),
        ...(model && { model }),
      })),
    },
  })
}

const MOST_TEXTS = 128
