import { withoutSecrets } from '../../transport/redact.ts'

/** What a program said of its failure, fit for an error: printable, of a bounded length, nothing that is like a token. */
export function saidByProgram(text: string, maxLength: number): string {
  const printable = text.replace(/[^\x21-\x7e]+/g, ' ').trim()
  return withoutSecrets(printable.replace(LIKE_A_TOKEN, '…'), []).slice(0, maxLength)
}

/** JSON Web Tokens, Google's own tokens, and whatever else is long and no word. */
const LIKE_A_TOKEN = /\beyJ[\w-]*(\.[\w-]*){0,2}|\bya29\.[\w.-]+|\b1\/\/[\w-]+|(?=[^\s/]*\d)[\w+=-]{32,}/g
