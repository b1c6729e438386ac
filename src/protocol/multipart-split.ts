/** The parts of a multipart body that came whole. */
export interface SplitBody {
  /** Headers and body of each, as they came. */
  readonly parts: readonly string[]
  /** Whether the closing boundary was there. */
  readonly complete: boolean
}

/**
 * Splits a multipart body that is text and in memory (RFC 2046 section 5.1); `decodeMultipart` reads one that arrives.
 * The first boundary line decides how lines end. A boundary counts only when nothing else stands in its line. A part
 * that is cut off by the end of the text is left out.
 * @throws {SyntaxError} when the body has no boundary line, or more than `maxParts` parts.
 */
export function splitMultipart(text: string, boundary: string, maxParts: number): SplitBody {
  const dashes = `--${boundary}`
  // What stands before the first boundary line is for readers that know nothing of multipart.
  let at = text.startsWith(dashes) ? 0 : text.indexOf(`\n${dashes}`) + 1
  let line = at > 0 || text.startsWith(dashes) ? readDelimiter(text, at + dashes.length) : undefined
  if (line === undefined) throw new SyntaxError('the multipart body has no boundary line')
  const delimiter = `${text[line.next - 2] === '\r' ? '\r\n' : '\n'}${dashes}`
  const parts: string[] = []
  let start = line.next
  at = start
  while (!line.closing) {
    at = text.indexOf(delimiter, at)
    if (at < 0) return { parts, complete: false }
    const next = readDelimiter(text, at + delimiter.length)
    if (next === undefined) at++
    else {
      if (parts.length >= maxParts) throw new SyntaxError(`there are more than ${maxParts} parts`)
      parts.push(text.slice(start, at))
      at = start = next.next
      line = next
    }
  }
  return { parts, complete: true }
}

/** What follows a boundary: two dashes, or the end of its line. Anything else was no boundary. */
function readDelimiter(
  text: string,
  from: number,
): { readonly closing: boolean; readonly next: number } | undefined {
  if (text.startsWith('--', from)) return { closing: true, next: from + 2 }
  let at = from
  while (text[at] === ' ' || text[at] === '\t') at++
  if (text[at] === '\r') at++
  return text[at] === '\n' ? { closing: false, next: at + 1 } : undefined
}
