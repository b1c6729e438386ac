/**
 * Looks at the files of the repository for what no other tool minds and everybody regrets: paths and hosts of the
 * machine they were written on, keys, versions that disagree or float, scripts that are not there, and tests that
 * quietly do not run.
 */
import { existsSync, readFileSync } from 'node:fs'
import { type LockFile, missingFromLock } from './lock-file.ts'
import { report, runToSuccess } from './run.ts'

type Manifest = Readonly<Record<string, Readonly<Record<string, string>> | undefined>> & {
  readonly version: string
}

/** Built from pieces, or this file would find itself. */
const MACHINE_PATHS = ['root', 'home', 'Users'].map((folder) => `/${folder}/`)
const KEY = new RegExp(`-----BEGIN ([A-Z]+ )*PRIVATE KEY-----(\\\\n|\\s)+[A-Za-z0-9+/]{40}`)

const listed = await runToSuccess(['git', 'ls-files', '-z', '--cached', '--others', '--exclude-standard'])
const files = listed.split('\0').filter((file) => file !== '' && existsSync(file))
const texts = files.map((file) => ({ file, text: readFileSync(file, 'utf8') }))
const manifest = JSON.parse(readFileSync('package.json', 'utf8')) as Manifest

report(`${files.length} files, version ${manifest.version}`, [
  ...(files.length < 200 ? [`only ${files.length} files were found`] : []),
  ...texts.flatMap(({ file, text }) => [
    ...find(file, text, machinePath, 'a path of one machine'),
    ...(KEY.test(text) ? [`${file}: holds a private key; make one when the test runs`] : []),
    ...(file.startsWith('src/')
      ? find(file, text, /\b(TODO|FIXME)\b/, 'unfinished; say it in an issue')
      : []),
    ...(/^test\/.*\.ts$/.test(file)
      ? find(file, text, testLeftOut, "a test left out; use context.skip(when, 'why')")
      : []),
  ]),
  ...versions(),
  ...floatingVersions(),
  ...incompleteLock(),
  ...missingScripts(),
  ...find(
    'package-lock.json',
    readFileSync('package-lock.json', 'utf8'),
    /"resolved": "http/,
    'names a registry',
  ),
])

/** A folder of a user, or of this checkout. In an address of the web it is none. */
function machinePath(line: string): boolean {
  const path = [...MACHINE_PATHS, `${process.cwd()}/`].find((start) => line.includes(start))
  return path !== undefined && !/https?:\/\/[^\s"'`]+$/.test(line.slice(0, line.indexOf(path)))
}

/** `only` leaves out all others; `skip` and its kind without a reason are forgotten. Vitest prints a context's reason. */
function testLeftOut(line: string): boolean {
  return (
    /\b(test|it|describe|suite|bench)(\.\w+)*\.(only|skip|todo|skipIf|runIf)\b/.test(line) ||
    /[^.\w]x(it|test|describe)\(/.test(line)
  )
}

function find(
  file: string,
  text: string,
  what: RegExp | ((line: string) => boolean),
  message: string,
): string[] {
  const matches = typeof what === 'function' ? what : (line: string) => what.test(line)
  return text.split('\n').flatMap((line, i) => (matches(line) ? [`${file}:${i + 1}: ${message}`] : []))
}

function versions(): string[] {
  const [, inSource] = /VERSION = '(.*)'/.exec(readFileSync('src/version.ts', 'utf8')) ?? []
  const { version } = JSON.parse(readFileSync('package-lock.json', 'utf8')) as Manifest
  const changes = readFileSync('CHANGELOG.md', 'utf8').split('\n')
  const noted =
    changes.some((line) => line.startsWith('## ') && /Unreleased/i.test(line)) ||
    changes.some((line) => line.startsWith(`## ${manifest.version}`))
  return [
    ...(inSource === manifest.version
      ? []
      : [`src/version.ts: ${inSource}, but package.json has ${manifest.version}`]),
    ...(version === manifest.version
      ? []
      : [`package-lock.json: ${version}, but package.json has ${manifest.version}`]),
    ...(noted ? [] : [`CHANGELOG.md: has no heading for ${manifest.version}, and none that is unreleased`]),
  ]
}

/** Ranges install something else tomorrow. */
function floatingVersions(): string[] {
  const all = Object.entries({
    ...manifest['dependencies'],
    ...manifest['devDependencies'],
    ...manifest['optionalDependencies'],
  })
  const exact = /^(npm:[@\w./-]+@)?\d+\.\d+\.\d+(-[\w.]+)?$/
  return all
    .filter(([, version]) => !exact.test(version))
    .map(([name, version]) => `package.json: ${name} floats: ${version}`)
}

function missingScripts(): string[] {
  return Object.entries(manifest['scripts'] ?? {}).flatMap(([name, command]) =>
    (command.match(/\bscripts\/[\w/-]+\.m?ts\b/g) ?? [])
      .filter((file) => !existsSync(file))
      .map((file) => `package.json: the script ${name} runs ${file}, which is not there`),
  )
}

function incompleteLock(): string[] {
  const missing = missingFromLock(JSON.parse(readFileSync('package-lock.json', 'utf8')) as LockFile)
  return missing.length === 0
    ? []
    : [
        `package-lock.json: npm ci will miss ${missing.length} packages; tsx scripts/complete-lock-file.ts adds them`,
      ]
}
