import { TEMPORARY } from './folder.ts'

/**
 * Why the name of an object, without the prefix, cannot be that of a file on any machine, or undefined. Names come from
 * whoever may write to the bucket.
 */
export function fileNameProblem(name: string): string | undefined {
  if (name === '') return 'has nothing after the prefix'
  if (name.startsWith('/')) return 'is an absolute path'
  if (name.endsWith('/')) return "ends in '/', as folders do"
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  if (/[\0-\x1f\x7f]/.test(name)) return 'has a control character'
  if (/\p{Surrogate}/u.test(name)) return 'has half a character'
  if (name.includes('\\')) return 'has a backslash, which stands between folders on Windows'
  if (TEMPORARY.test(name)) return 'is one that downloads use beside their place'
  for (const part of name.split('/')) {
    if (part === '') return "has '//', an empty part"
    if (part === '.' || part === '..') return `has the part '${part}', which leads elsewhere`
    if (DEVICE.test(part)) return 'is that of a device on Windows'
    if (part.length > 255 || new TextEncoder().encode(part).length > 255)
      return 'has a part of more than 255 bytes'
  }
  return undefined
}

const DEVICE = /^(con|prn|aux|nul|conin\$|conout\$|(com|lpt)[0-9¹²³])\s*(\.|$)/i

/** Finds, in names that come in the order of their UTF-8, those below one that is a file. */
export function fileAbove(): (name: string) => string | undefined {
  // Every file whose name the next ones may begin with.
  const files: string[] = []
  return (name) => {
    while (files.length > 0 && !name.startsWith(files.at(-1)!)) files.pop()
    const above = files.find((file) => name.startsWith(`${file}/`))
    if (above === undefined) files.push(name)
    return above
  }
}
