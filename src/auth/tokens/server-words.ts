import { withoutSecrets } from '../../transport/redact.ts'

/**
 * What a server said when it refused, fit for an error: its word for that, or `http_` and the status where it has no plain
 * one, and its sentence as it follows a word: in one line, of at most 300 characters.
 * @param secrets what it was sent, which some servers repeat
 */
export function serverWords(
  status: number,
  word: unknown,
  sentence: unknown,
  secrets: readonly string[],
): { readonly reason: string; readonly said: string } {
  const [reason = '', said = ''] = [word, sentence].map((text) =>
    typeof text === 'string' ? withoutSecrets(text, secrets).replace(/[\s\p{C}]+/gu, ' ') : '',
  )
  return {
    reason: /^[\w.-]{1,60}$/.test(reason) ? reason : `http_${status}`,
    said: said && `: ${said.slice(0, 300).replace(/\.$/, '')}`,
  }
}
