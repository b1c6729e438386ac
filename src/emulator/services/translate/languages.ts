import type { HttpResponse } from '../../../protocol/http.ts'
import { jsonAnswer } from '../../answers.ts'
import { invalidParameter, required } from '../../api-failure.ts'
import { type Call, readJsonObject } from '../../service.ts'

/** `language.languages.list`: codes, and names in the language that `target` names. */
export function listLanguages(call: Call): HttpResponse {
  const target = call.parameters.text('target')
  if (target !== undefined) checkLanguage('target', target)
  const names =
    target === undefined ? undefined : new Intl.DisplayNames([modern(target)], { type: 'language' })
  return jsonAnswer({
    data: {
      languages: [...LANGUAGES].map((language) => ({
        language,
        ...(names && { name: names.of(modern(language)) }),
      })),
    },
  })
}

/** `language.detections.list` */
export function listDetections(call: Call): HttpResponse {
  return detectionsAnswer(call.parameters.all('q').map(String))
}

/** `language.detections.detect` */
export async function detect(call: Call): Promise<HttpResponse> {
  const { q } = await readJsonObject(call.body)
  return detectionsAnswer(readTexts(q))
}

/** The texts of a body, one or several. */
export function readTexts(q: unknown): readonly string[] {
  if (q === undefined || q === null) throw required('q')
  const texts = Array.isArray(q) ? (q as unknown[]) : [q]
  if (!texts.every((text) => typeof text === 'string')) throw invalidParameter('q')
  return texts
}

/** @throws {ApiFailure} 400 for a language that is not among those listed. */
export function checkLanguage(parameter: string, code: string): void {
  if (!LANGUAGES.has(code)) throw invalidParameter(parameter)
}

/** The language of a text by its letters alone: a stand-in for recognising it. Latin ones are taken for English. */
export function languageOf(text: string): string {
  return SCRIPTS.find(([, letters]) => letters.test(text))?.[0] ?? 'en'
}

const SCRIPTS: readonly (readonly [string, RegExp])[] = [
  ['ja', /[\p{Script=Hiragana}\p{Script=Katakana}]/u],
  ['ko', /\p{Script=Hangul}/u],
  ['zh-CN', /\p{Script=Han}/u],
  ['ru', /\p{Script=Cyrillic}/u],
  ['el', /\p{Script=Greek}/u],
  ['ar', /\p{Script=Arabic}/u],
  ['iw', /\p{Script=Hebrew}/u],
  ['hi', /\p{Script=Devanagari}/u],
  ['th', /\p{Script=Thai}/u],
]

const LANGUAGES: ReadonlySet<string> = new Set(
  'ar bg bn ca cs da de el en es et fa fi fr hi hr hu id is it iw ja ko la lt lv ms nl no pl pt ro ru sk sl sq sr sv sw ta te th tr uk ur vi zh-CN zh-TW'.split(
    ' ',
  ),
)

/** Hebrew goes by its old code here. */
function modern(code: string): string {
  return code === 'iw' ? 'he' : code
}

function detectionsAnswer(texts: readonly string[]): HttpResponse {
  const detections = texts.map((text) => [{ language: languageOf(text), isReliable: false, confidence: 1 }])
  return jsonAnswer({ data: { detections } })
}
