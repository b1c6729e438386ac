/**
 * The order of names in lists: that of their UTF-8 bytes. It differs from the order of JavaScript's strings where one
 * has a surrogate pair and the other a character from U+E000 on.
 */
export function compareNames(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x !== y) return rank(x) - rank(y)
  }
  return a.length - b.length
}

/** Surrogates stand for characters above all others. */
function rank(unit: number): number {
  return unit >= 0xd800 && unit <= 0xdfff ? unit + 0x10000 : unit
}

/** The first index whose name fulfils a condition that, once true, stays true; the length when none does. */
export function firstIndex(names: readonly string[], holds: (name: string) => boolean): number {
  let low = 0
  let high = names.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(names[middle]!)) high = middle
    else low = middle + 1
  }
  return low
}
