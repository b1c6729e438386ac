import type { Call } from './service.ts'
import type { StateSlot } from './state.ts'

/** The alphabet of most of Google's ids. */
const BASE_64_URL = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_'
const DIGITS = '0123456789'

/** An id that was not given out before. The same calls after a reset get the same ids. */
export function nextId(
  { state }: Pick<Call, 'state'>,
  length: number,
  alphabet: string = BASE_64_URL,
): string {
  const counter = state.get(slot)
  counter.count += 1
  return letters(`id ${counter.count}`, length, alphabet)
}

/** The same id for the same text, always. */
export function idOf(text: string, length: number, alphabet: string = BASE_64_URL): string {
  return letters(text, length, alphabet)
}

/** The number that Google knows an account by. */
export function userId(email: string): string {
  return `1${letters(email, 20, DIGITS)}`
}

const slot: StateSlot<{ count: number }> = { create: () => ({ count: 0 }) }

/** FNV-1a over the text and the place of the letter, its bits mixed as MurmurHash does at its end. */
function letters(text: string, length: number, alphabet: string): string {
  return Array.from({ length }, (_, index) => {
    let hash = 0x811c9dc5
    for (const character of `${index}/${text}`) {
      hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193)
    }
    hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
    return alphabet[((hash ^ (hash >>> 16)) >>> 0) % alphabet.length]
  }).join('')
}
