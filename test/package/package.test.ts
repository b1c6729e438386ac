/** The package as users get it: packed, installed into an empty project with an empty home, run and compiled. */
import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, realpath, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { packCopy, packInstalled } from '../../scripts/pack.ts'

const here = import.meta.dirname
let folder: string
let project: string
let manifest: object
let packedPath: string

beforeAll(async () => {
  folder = await realpath(await mkdtemp(join(tmpdir(), 'discokit-package-')))
  project = join(folder, 'project')
  await mkdir(join(folder, 'home'))
  await cp(join(here, 'consumer'), project, { recursive: true })
  const { dependencies } = JSON.parse(await readFile('package.json', 'utf8')) as { dependencies: object }
  const { tarball } = await packCopy(folder)
  // The dependencies come from where they are installed here, so that no test needs a registry.
  const packed = await Promise.all(Object.keys(dependencies).map((name) => packInstalled(name, folder)))
  const overrides = Object.keys(dependencies).map((name, i) => [name, `file:${packed[i]!.tarball}`])
  manifest = { private: true, type: 'module', overrides: Object.fromEntries(overrides) as object }
  packedPath = tarball
  await install(project)
}, 60_000)

/** Installs the package into a project that has nothing but a manifest. */
async function install(into: string): Promise<void> {
  await writeFile(join(into, 'package.json'), JSON.stringify(manifest))
  const { code, output } = await runIn(
    into,
    'npm',
    'install',
    '--offline',
    '--no-audit',
    '--no-fund',
    packedPath,
  )
  expect(output).toContain('added 7 packages')
  expect(code).toBe(0)
}

afterAll(() => rm(folder, { recursive: true, force: true }))

describe('the installed package', () => {
  test('moves data from plain JavaScript', async () => {
    const { code, output } = await runIn(project, process.execPath, 'main.mjs')
    expect(output).toBe('["text/javascript",200,"hello",["hello.txt","main.mjs"],true,true]\n')
    expect(code).toBe(0)
    const copy = await readFile(join(project, 'copy.mjs'), 'utf8')
    expect(copy).toBe(await readFile(join(here, 'consumer/main.mjs'), 'utf8'))
  })

  test('has a command that explains itself', async () => {
    const { code, output } = await runIn(project, 'npx', '--offline', 'discokit', '--help')
    expect(output).toMatch(/^discokit \d+\.\d+\.\d+\n\nUsage: discokit <command>/)
    expect(output).toContain('emulator')
    expect(code).toBe(0)
  })

  test('has a demo that runs without an account', async () => {
    const { code, output } = await runIn(project, 'npx', '--offline', 'discokit', 'demo', 'main.mjs')
    expect(output).toContain('byte for byte')
    expect(code).toBe(0)
  })
})

describe('its declarations', () => {
  const compilers = { 'TypeScript 7': 'typescript', 'TypeScript 5.9': 'typescript-5' }
  const programs = [
    { file: 'web.ts', lib: ['ES2022'], types: [] },
    { file: 'node.ts', lib: ['ES2023', 'ESNext.Disposable'], types: ['node'] },
  ]

  beforeAll(async () => {
    // Only node.ts asks for them.
    await mkdir(join(project, 'node_modules/@types'))
    await symlink(resolve('node_modules/@types/node'), join(project, 'node_modules/@types/node'))
  })

  for (const [title, compiler] of Object.entries(compilers)) {
    for (const resolution of ['nodenext', 'bundler']) {
      test.for(programs)(`compile $file on ${title} with ${resolution}`, async ({ file, lib, types }) => {
        const module = resolution === 'bundler' ? 'esnext' : 'nodenext'
        const strict = { strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true }
        const compilerOptions = {
          ...strict,
          target: 'es2022',
          module,
          moduleResolution: resolution,
          lib,
          types,
          noEmit: true,
        }
        const config = join(project, `tsconfig.${compiler}.${resolution}.${file}.json`)
        await writeFile(config, JSON.stringify({ compilerOptions, files: [file] }))
        const tsc = resolve(`node_modules/${compiler}/bin/tsc`)
        expect(await runIn(project, process.execPath, tsc, '-p', config)).toEqual({ code: 0, output: '' })
      })
    }
  }
})

describe('an empty folder', () => {
  let emulator: Emulator
  let empty: string
  beforeAll(async () => {
    emulator = await createEmulator()
    empty = join(folder, 'empty')
    await mkdir(empty)
    await install(empty)
  }, 60_000)
  afterAll(() => emulator.close())

  test('becomes a typed program with one command', { timeout: 60_000 }, async () => {
    const { url } = await emulator.listen()
    await writeFile(join(empty, 'key.json'), JSON.stringify(await emulator.serviceAccountKey()))
    const env = { DISCOKIT_EMULATOR: url }
    const added = await runWith(env, empty, 'npx', '--offline', 'discokit', 'add', 'storage:v1', '--augment')
    expect(added).toMatchObject({
      code: 0,
      output: expect.stringContaining('google/storage.v1.ts') as string,
    })
    expect(await runIn(empty, 'npx', '--offline', 'discokit', 'check')).toMatchObject({ code: 0 })

    await cp(join(here, 'typed/main.ts'), join(empty, 'main.ts'))
    const strict = { strict: true, noUncheckedIndexedAccess: true, exactOptionalPropertyTypes: true }
    const target = { target: 'es2022', module: 'nodenext', lib: ['ES2022'], types: [], skipLibCheck: false }
    await writeFile(
      join(empty, 'tsconfig.json'),
      JSON.stringify({ compilerOptions: { ...strict, ...target } }),
    )
    for (const compiler of ['typescript-5.4', 'typescript-5', 'typescript-6', 'typescript']) {
      const tsc = resolve('node_modules', compiler, 'bin/tsc')
      expect({ compiler, ...(await runIn(empty, process.execPath, tsc)) }).toEqual({
        compiler,
        code: 0,
        output: '',
      })
    }
    expect(await runWith(env, empty, process.execPath, 'main.js')).toEqual({
      code: 0,
      output: 'photos EU\na.txt 11 text/plain\nall is well\n',
    })
  })
})

/** Runs a program in a folder, as a newcomer would: without this project's settings, and with an empty home. */
function runIn(cwd: string, program: string, ...args: string[]): Promise<{ code: number; output: string }> {
  return runWith({}, cwd, program, ...args)
}

/** The same with variables of its own. */
function runWith(
  variables: Readonly<Record<string, string>>,
  cwd: string,
  program: string,
  ...args: string[]
): Promise<{ code: number; output: string }> {
  const inherited = Object.entries(process.env).filter(
    ([name]) => !/^(npm_|NODE_|VITEST|FORCE_COLOR)/i.test(name),
  )
  const env = { ...Object.fromEntries(inherited), HOME: join(folder, 'home'), NO_COLOR: '1', ...variables }
  return new Promise((settle) => {
    execFile(program, args, { cwd, env, timeout: 60_000 }, (error, stdout, stderr) => {
      settle({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr })
    })
  })
}
