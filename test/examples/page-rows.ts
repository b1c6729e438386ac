import { readFile } from 'node:fs/promises'

/** One feature on the page: what it is there, and what it is here. */
export interface PageRow {
  /** Such as `A1`. */
  readonly id: string
  readonly there: string
  readonly here: string
}

/** The rows of a page in docs, in order. */
export async function readRows(name: string): Promise<PageRow[]> {
  const page = await readFile(`docs/${name}.md`, 'utf8')
  return [...page.matchAll(/^\| (\w+) \| (.+?) \| (.+) \|$/gm)].map(([, id = '', there = '', here = '']) => ({
    id,
    there,
    here,
  }))
}

/** What tests a row. */
export type RowTests = Readonly<Record<string, () => Promise<void> | void>>
