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
    .replaceAll('*/', '*\\/')
    .replace(/(^|[\s{*/])@/g, '$1\\@')
}

// oxlint-disable-next-line no-control-regex -- control characters are what it looks for
const INVISIBLE = /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g
