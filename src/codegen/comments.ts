/**
 * A doc comment of prose and tags, each line after `indent`; nothing for no text. Whatever the prose says, the comment
 * ends where it should and nothing in it is taken for a tag.
 */
export function docComment(prose: string, indent: string, tags: readonly string[] = []): string {
  const lines = [...wrap(escapeProse(prose), LINE - indent.length), ...tags]
  if (lines.length === 0) return ''
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}\n`).join('')}${indent} */\n`
}

const LINE = 110

/** Lines of words. Line breaks stay: the prose of documents has lists. */
function wrap(text: string, width: number): string[] {
  const lines: string[] = []
  for (const line of text.split('\n')) {
    let current = ''
    for (const word of line.split(' ')) {
      if (word === '') continue
      if (current !== '' && current.length + 1 + word.length > width) {
        lines.push(current)
        current = word
      } else current = current === '' ? word : `${current} ${word}`
    }
    if (current !== '') lines.push(current)
  }
  return lines
}

/** Prose without what would end a comment, what would begin a tag, and what cannot be seen. */
function escapeProse(text: string): string {
  return text
    .replace(/\r\n?|[\u0085\u2028\u2029]/g, '\n')
    .replace(INVISIBLE, ' ')
    .replace(TYPOGRAPHIC, (character) => PLAIN[character]!)
    .replaceAll('*/', '*\\/')
    .replace(/(^|[\s{*/])@/g, '$1\\@')
}

/**
 * One character beyond Latin-1 makes an engine hold the whole file as text of two bytes a character, and these are all
 * there is in most documents.
 */
const PLAIN: Readonly<Record<string, string>> = {
  '\u2010': '-',
  '\u2011': '-',
  '\u2012': '-',
  '\u2013': '-',
  '\u2014': '-',
  '\u2018': "'",
  '\u2019': "'",
  '\u201c': '"',
  '\u201d': '"',
  '\u2022': '-',
  '\u2026': '...',
  '\u2192': '->',
  '\u2264': '<=',
  '\u2265': '>=',
  '\u200b': '',
  '\ufeff': '',
}
const TYPOGRAPHIC = new RegExp(`[${Object.keys(PLAIN).join('')}]`, 'g')

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const INVISIBLE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
