/** An element of DER (X.690): a tag, the length of what it holds, and that. */
export function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return concat(Uint8Array.of(tag, ...lengthBytes(length)), ...parts)
}

export function sequence(...parts: readonly Uint8Array[]): Uint8Array {
  return element(0x30, ...parts)
}

/** A number that is not negative, its bytes from the highest on. */
export function integer(bytes: Uint8Array): Uint8Array {
  // A first bit that is set would stand for a minus.
  return bytes[0]! > 0x7f ? element(0x02, Uint8Array.of(0), bytes) : element(0x02, bytes)
}

/** Whole bytes as a string of bits. */
export function bitString(bytes: Uint8Array, unusedBits = 0): Uint8Array {
  return element(0x03, Uint8Array.of(unusedBits), bytes)
}

/** `1.2.840.113549.1.1.11` */
export function objectIdentifier(dotted: string): Uint8Array {
  const [first = 0, second = 0, ...rest] = dotted.split('.').map(Number)
  return element(0x06, Uint8Array.from([first * 40 + second, ...rest].flatMap(base128)))
}

export function utf8String(text: string): Uint8Array {
  return element(0x0c, new TextEncoder().encode(text))
}

/** A time to the second: with two digits of the year before 2050, with four from then on (RFC 5280 section 4.1.2.5). */
export function time(ms: number): Uint8Array {
  const digits = `${new Date(ms).toISOString().replace(/\D/g, '').slice(0, 14)}Z`
  const isShort = new Date(ms).getUTCFullYear() < 2050
  const text = new TextEncoder().encode(isShort ? digits.slice(2) : digits)
  return element(isShort ? 0x17 : 0x18, text)
}

function lengthBytes(length: number): number[] {
  if (length < 0x80) return [length]
  const bytes: number[] = []
  for (let rest = length; rest > 0; rest >>>= 8) bytes.unshift(rest & 0xff)
  return [0x80 | bytes.length, ...bytes]
}

/** Seven bits to a byte, of which all but the last have the eighth set. */
function base128(value: number): number[] {
  const bytes = [value & 0x7f]
  for (let rest = value >>> 7; rest > 0; rest >>>= 7) bytes.unshift(0x80 | (rest & 0x7f))
  return bytes
}

function concat(...parts: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let end = 0
  for (const part of parts) {
    whole.set(part, end)
    end += part.length
  }
  return whole
}
