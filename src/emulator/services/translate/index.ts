import { defineService, type Service } from '../../service.ts'
import { detect, listDetections, listLanguages } from './languages.ts'
import { listTranslations, translate } from './translations.ts'

/** Translation, with a stand-in for the translating itself. */
export const translateService: Service = defineService(
  'translate:v2',
  {
    'language.detections.detect': detect,
    'language.detections.list': listDetections,
    'language.languages.list': listLanguages,
    'language.translations.list': listTranslations,
    'language.translations.translate': translate,
  },
  {
    apiKey: [
      'language.detections.detect',
      'language.detections.list',
      'language.languages.list',
      'language.translations.list',
      'language.translations.translate',
    ],
  },
)
