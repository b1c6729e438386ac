import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** A program of a page: its blocks, one after the other. */
export interface PageProgram {
  /** Such as `docs/emulator.md, line 9`. */
  readonly name: string
  readonly code: string
  /** What the page says that it prints; undefined when it says nothing. */
  readonly prints: string | undefined
  /** Why it is not run, where it says so. It must be well typed all the same. */
  readonly notRun: string | undefined
}

/** The programs of all pages in `docs`. */
export async function readPagePrograms(): Promise<PageProgram[]> {
  const names = (await readdir('docs')).filter((name) => name.endsWith('.md')).toSorted()
  const pages = await Promise.all(names.map((name) => readFile(join('docs', name), 'utf8')))
  return pages.flatMap((text, i) => programsOf(`docs/${names[i]!}`, text))
}

/**
 * The programs of a page. Blocks of TypeScript follow each other in one program; one that imports again what its program
 * has imported begins another. A block of text behind them is what they print.
 *
 * A comment before a block says what its reader does not have to see:
 * `<!-- not run: why -->`, or `<!-- given: const n = 1 -->` with code that goes before it.
 */
export function programsOf(page: string, text: string): PageProgram[] {
  const programs: Draft[] = []
  for (const { index, 1: comment = '', 2: language, 3: block = '' } of text.matchAll(BLOCK)) {
    const current = programs.at(-1)
    if (language === 'text') {
      if (current) current.prints = (current.prints ?? '') + block
      continue
    }
    const imports = importedNames(block)
    const line = text.slice(0, index).split('\n').length
    const program =
      current && !imports.some((name) => current.imports.includes(name)) && !comment.startsWith('not run')
        ? current
        : { name: `${page}, line ${line}`, code: '', imports: [], prints: undefined, notRun: undefined }
    if (program !== current) programs.push(program)
    const [, kind, told = ''] = /^(not run|given): ?([\s\S]*)$/.exec(comment) ?? []
    if (kind === 'not run') program.notRun = told
    program.code += kind === 'given' ? `${told}\n${block}` : block
    program.imports.push(...imports)
  }
  return programs.map(({ imports: _, ...program }) => program)
}

interface Draft {
  readonly name: string
  code: string
  readonly imports: string[]
  prints: string | undefined
  notRun: string | undefined
}

const BLOCK = /(?:<!-- (.*?) -->\n\n?)?```(ts|text)\n([\s\S]*?)```/g

function importedNames(code: string): string[] {
  return [...code.matchAll(/^import (?:type )?(?:\{([^}]*)\}|(\w+)) from/gm)].flatMap(
    ([, several, one = '']) =>
      several === undefined
        ? [one]
        : several
            .split(',')
            .map((name) => name.replace(/\btype\b/, '').trim())
            .filter(Boolean),
  )
}
