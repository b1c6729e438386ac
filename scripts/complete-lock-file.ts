/**
 * Adds to package-lock.json the builds of our tools for other systems. npm leaves those out that the registry it asked
 * does not have, and then `npm ci` refuses the lock file as incomplete, here and on the systems that need them. Run it
 * after `npm install` when `npm run check -- repository` says so. The checksums of what it adds are left for npm.
 *
 *     tsx scripts/complete-lock-file.ts
 */
import { readFileSync, writeFileSync } from 'node:fs'
import { type LockFile, missingFromLock } from './lock-file.ts'

const FILE = 'package-lock.json'
const SYSTEMS = ['android', 'darwin', 'freebsd', 'linux', 'openharmony', 'win32']
const PROCESSORS = ['arm64', 'arm', 'x64', 'ia32', 'ppc64', 'riscv64', 's390x', 'loong64', 'wasm32']

const lock = JSON.parse(readFileSync(FILE, 'utf8')) as LockFile
const missing = missingFromLock(lock)
const added = missing.map(({ path, name, version, engines }) => [
  path,
  { version, ...system(name), dev: true, optional: true, ...(engines && { engines }) },
])
const packages = { ...lock.packages, ...(Object.fromEntries(added) as LockFile['packages']) }
const [root, ...others] = Object.entries(packages)
const sorted = Object.fromEntries([root!, ...others.sort(([a], [b]) => a.localeCompare(b, 'en'))])
writeFileSync(FILE, `${JSON.stringify({ ...lock, packages: sorted }, null, 2)}\n`)
console.log(`${FILE}: ${missing.length} added`)

/** What a build is for, which its name tells: `@oxfmt/binding-linux-arm64-musl`. */
function system(name: string): { cpu: string[]; libc?: string[]; os?: string[] } {
  const words = name.split(/[/-]/)
  const os = SYSTEMS.find((one) => words.includes(one))
  const cpu = PROCESSORS.find((one) => words.includes(one))
  if (cpu === undefined || (os === undefined && cpu !== 'wasm32'))
    throw new Error(`${name}: for which system is it?`)
  const libc = os !== 'linux' ? undefined : words.some((word) => word.startsWith('musl')) ? 'musl' : 'glibc'
  return { cpu: [cpu], ...(libc && { libc: [libc] }), ...(os && { os: [os] }) }
}
