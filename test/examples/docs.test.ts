import { execFile } from 'node:child_process'
import { cp, mkdir, rm, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { notesDocument } from './notes-document.ts'
import { programsOf, readPagePrograms } from './pages.ts'
import { openStage, type Stage } from './stage.ts'

const programs = await readPagePrograms()
let stage: Stage

beforeAll(async () => {
  stage = await openStage()
  // What pages say that a reader has done.
  await stage.run('src/cli/main.ts', 'add', 'storage:v1')
})
afterAll(() => stage[Symbol.asyncDispose]())

/** Puts what pages speak of where their programs look for it: a photo, a bucket, a document. */
beforeEach(async () => {
  stage.emulator.reset()
  await writeFile(join(stage.folder, 'photo.jpg'), Buffer.alloc(20_000, 'a photo, more or less '))
  await writeFile(join(stage.folder, 'notes.json'), JSON.stringify(notesDocument))
  const storage = await stage.person.discover('storage:v1')
  await storage['buckets'].insert({ project: 'my-project', body: { name: 'my-photos' } })
})

describe('programs of the pages', () => {
  test.each(programs.filter(({ notRun }) => notRun === undefined))('$name runs', async ({ code, prints }) => {
    const file = join(stage.folder, 'program.ts')
    await writeFile(file, code)
    const output = await stage.run(file)
    if (prints !== undefined) expect(output).toBe(prints)
  })

  test('are well typed, those that are not run too', async () => {
    const folder = join(stage.folder, 'typed')
    await mkdir(folder)
    await cp(join(stage.folder, 'google'), join(folder, 'google'), { recursive: true })
    await Promise.all(
      programs.map(({ name, code }) =>
        writeFile(join(folder, `${name.replace(/\W+/g, '-')}.ts`), `${code}\nexport {}\n`),
      ),
    )
    const config = { extends: resolve('tsconfig.test.json'), include: ['.'] }
    const compilerOptions = { noUnusedLocals: false, typeRoots: [resolve('node_modules/@types')] }
    await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ ...config, compilerOptions }))
    const tsc = promisify(execFile)(process.execPath, [
      resolve('node_modules/typescript/bin/tsc'),
      '-p',
      folder,
    ])
    const output = await tsc.then(
      () => '',
      ({ stdout }: { stdout: string }) => stdout,
    )
    await rm(folder, { recursive: true })
    expect(output).toBe('')
  })
})

describe('the programs of a page', () => {
  const fence = '```'
  const block = (code: string, language = 'ts'): string => `${fence}${language}\n${code}\n${fence}\n`

  test('are its blocks in order, one program until an import comes again', () => {
    const page = [
      block("import { a } from 'x'"),
      block('a()'),
      block("import { b } from 'x'\nb()"),
      block("import { type a, c } from 'x'"),
    ]
    expect(programsOf('p.md', page.join('\n')).map(({ name, code }) => [name, code])).toEqual([
      ['p.md, line 1', "import { a } from 'x'\na()\nimport { b } from 'x'\nb()\n"],
      ['p.md, line 14', "import { type a, c } from 'x'\n"],
    ])
  })

  test('print what the blocks of text say', () => {
    const [program] = programsOf(
      'p.md',
      block('f()') + block('1', 'text') + block('g()') + block('2', 'text'),
    )
    expect(program).toMatchObject({ code: 'f()\ng()\n', prints: '1\n2\n' })
    expect(programsOf('p.md', block('f()') + block('npm ci', 'sh'))[0]!.prints).toBeUndefined()
  })

  test('may be given something, and may be left out with a reason', () => {
    const page = `<!-- given: const n = 1 -->\n\n${block('n')}\n<!-- not run: takes a day -->\n\n${block('wait()')}`
    expect(programsOf('p.md', page)).toMatchObject([
      { code: 'const n = 1\nn\n', notRun: undefined },
      { code: 'wait()\n', notRun: 'takes a day' },
    ])
  })
})
