/** Whether something is a text that a header can carry as one word: visible ASCII, from 1 to 16,384 characters. */
export function isVisibleText(value: unknown): value is string {
  return typeof value === 'string' && /^[\x21-\x7e]{1,16384}$/.test(value)
}
