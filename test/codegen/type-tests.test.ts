import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { generateApi } from '../../src/codegen/generate-api.ts'
import { VERSION } from '../../src/version.ts'
import { compile, compilers, wrongLines, writeProgram } from './compilers.ts'
import { libraryDocument } from './library-document.ts'

/**
 * Files that versions of discokit wrote, and uses of them. What compiled with a version compiles with those after it:
 * with the files as they were, and with files written anew.
 */
const KEPT = 'test/types/kept'
const FILE = 'google/library.v1.ts'
const kept = (await readdir(KEPT)).toSorted()
const fresh = (name: string): string =>
  generateApi(libraryDocument, { augment: name.endsWith('-augmented') }).text

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'discokit-types-'))
})
afterAll(() => rm(folder, { recursive: true }))

describe.each(kept)('type tests of %s', (name) => {
  test.each(['as it was', 'written anew'])('with the file %s', async (state) => {
    const here = join(folder, `${name}-${state.replaceAll(' ', '-')}`)
    await cp(join(KEPT, name), here, { recursive: true })
    if (state === 'written anew') await writeFile(join(here, FILE), fresh(name))
    await writeProgram(here, {})
    const wrong = wrongLines(await readFile(join(here, 'wrong.ts'), 'utf8'))
    const expected = wrong.map((line) => `wrong.ts:${line}`).toSorted()
    for (const { title, folder: compiler } of compilers) {
      const found = await compile(here, compiler)
      const lines = found.map(({ file, line }) => `${file}:${line}`).toSorted()
      expect({ title, lines, found: found.filter(({ file }) => file !== 'wrong.ts') }).toEqual({
        title,
        lines: expected,
        found: [],
      })
    }
  })
})

test('the files of this version are what it writes', async () => {
  for (const name of kept.filter((each) => each.replace('-augmented', '') === VERSION))
    await expect(fresh(name)).toMatchFileSnapshot(join(process.cwd(), KEPT, name, FILE))
})
