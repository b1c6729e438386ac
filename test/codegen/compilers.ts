import { execFile } from 'node:child_process'
import { cp, mkdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { buildTypes } from '../../scripts/build-types.ts'

/** The compilers that users have. */
export const compilers: readonly { readonly title: string; readonly folder: string }[] = [
  { title: 'TypeScript 5.4', folder: 'typescript-5.4' },
  { title: 'TypeScript 5.9', folder: 'typescript-5' },
  { title: 'TypeScript 6.0', folder: 'typescript-6' },
  { title: 'TypeScript 7.0', folder: 'typescript' },
]

/** As strict as users are, and stricter. Neither the web's types nor Node's are there. */
const compilerOptions = {
  target: 'es2022',
  module: 'nodenext',
  moduleResolution: 'nodenext',
  lib: ['ES2022'],
  types: [],
  strict: true,
  exactOptionalPropertyTypes: true,
  noUncheckedIndexedAccess: true,
  noPropertyAccessFromIndexSignature: true,
  noImplicitOverride: true,
  noUnusedLocals: true,
  noUnusedParameters: true,
  verbatimModuleSyntax: true,
  isolatedModules: true,
  skipLibCheck: false,
  noEmit: true,
}

/** A complaint of a compiler: where, and which. */
export interface Diagnostic {
  readonly file: string
  readonly line: number
  readonly code: string
  readonly message: string
}

/** Files in a folder of their own that find the types of `discokit` as users have them. */
export async function writeProgram(folder: string, files: Readonly<Record<string, string>>): Promise<void> {
  const installed = join(folder, 'node_modules/discokit')
  await mkdir(installed, { recursive: true })
  await cp('package.json', join(installed, 'package.json'))
  await buildTypes(join(installed, 'dist'))
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  await writeFile(join(folder, 'tsconfig.json'), JSON.stringify({ compilerOptions, include: ['**/*.ts'] }))
  await Promise.all(Object.entries(files).map(([name, text]) => writeFile(join(folder, name), text)))
}

/** What a compiler says of the program in a folder. */
export async function compile(folder: string, compiler: string): Promise<Diagnostic[]> {
  const tsc = resolve('node_modules', compiler, 'bin/tsc')
  const output = await new Promise<string>((settle) => {
    execFile(process.execPath, [tsc, '-p', folder, '--pretty', 'false'], { cwd: folder }, (_, out, err) =>
      settle(out + err),
    )
  })
  const found = output.split('\n').filter((line) => line !== '' && !line.startsWith(' '))
  return found.map((line) => {
    const [, file = '', row = '0', code = '', message = line] =
      /^(.*)\((\d+),\d+\): error (\w+): (.*)$/.exec(line) ?? []
    return { file, line: Number(row), code, message }
  })
}

/** The lines of a program that say that an error must be there. */
export function wrongLines(program: string): number[] {
  return program.split('\n').flatMap((line, i) => (line.endsWith('// wrong') ? [i + 1] : []))
}

/** A generated file as a compiler sees it that is not told to look away. */
export function unhidden(text: string): string {
  return text.replace('// @ts-nocheck\n', '')
}
