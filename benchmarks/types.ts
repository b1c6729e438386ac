import { execFile } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, readdir, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import { buildTypes } from '../scripts/build-types.ts'
import { generateApi } from '../src/codegen/generate-api.ts'

const DOCUMENTS = '../shared/discovery'
const COMPILERS = { 'TypeScript 5.9': 'typescript-5', 'TypeScript 7.0': 'typescript' }
const ROUNDS = 7

/** Programs of ten lines, and which APIs are generated for them. */
const PROGRAMS: Readonly<Record<string, readonly string[]>> = {
  'an empty file': [],
  'with drive': ['drive-v3'],
  'with drive, storage and compute': ['drive-v3', 'storage-v1', 'compute-v1'],
}

const CALLS: Readonly<Record<string, string>> = {
  'drive-v3': 'for await (const file of driveV3Api.files.list({ pageSize: 10 })) names.push(file.name)',
  'storage-v1': "for await (const each of storageV1Api.buckets.list({ project: 'p' })) names.push(each.name)",
  'compute-v1':
    "for await (const each of computeV1Api.instances.list({ project: 'p', zone: 'z' })) names.push(each.name)",
}

/** Times the generator over all real documents, and compilers over programs with what it wrote. */
export async function benchTypes(folder: string): Promise<void> {
  if (!existsSync(DOCUMENTS)) return console.log(`generated files: left out, ${DOCUMENTS} is not here\n`)
  await benchGenerator()
  for (const [name, documents] of Object.entries(PROGRAMS)) await writeProgram(join(folder, name), documents)
  for (const [title, compiler] of Object.entries(COMPILERS)) {
    const costs = new Map(Object.keys(PROGRAMS).map((name) => [name, [] as Cost[]]))
    for (let round = 0; round < ROUNDS; round++)
      for (const [name, tries] of costs) tries.push(await compile(join(folder, name), compiler))
    report(title, costs)
  }
}

interface Cost {
  readonly seconds: number
  readonly megabytes: number
}

async function benchGenerator(): Promise<void> {
  const names = (await readdir(DOCUMENTS)).filter((name) => /^[^_].*\.json$/.test(name))
  const texts = names.map((name) => readFileSync(join(DOCUMENTS, name), 'utf8'))
  const started = performance.now()
  const sizes = texts.map((text) => Buffer.byteLength(generateApi(JSON.parse(text)).text))
  const seconds = (performance.now() - started) / 1000
  const largest = Math.max(...sizes.map((size, i) => size / Buffer.byteLength(texts[i]!)))
  console.log(`writing files for ${names.length} documents: ${seconds.toFixed(2)} s`)
  console.log(`  the largest is ${largest.toFixed(3)}x its document\n`)
}

async function writeProgram(folder: string, documents: readonly string[]): Promise<void> {
  const installed = join(folder, 'node_modules/discokit')
  await mkdir(installed, { recursive: true })
  await cp('package.json', join(installed, 'package.json'))
  await buildTypes(join(installed, 'dist'))
  const compilerOptions = { target: 'es2022', module: 'nodenext', lib: ['ES2022'], types: [] }
  await writeFile(join(folder, 'package.json'), '{ "type": "module" }')
  await writeFile(
    join(folder, 'tsconfig.json'),
    JSON.stringify({
      compilerOptions: { ...compilerOptions, strict: true, skipLibCheck: true, noEmit: true },
      files: ['main.ts'],
    }),
  )
  const apis = documents.map((name) =>
    generateApi(JSON.parse(readFileSync(join(DOCUMENTS, `${name}.json`), 'utf8'))),
  )
  for (const { fileName, text } of apis) await writeFile(join(folder, fileName), text)
  const imports = apis.map(
    ({ fileName, valueName }) => `import ${valueName} from './${fileName.replace(/ts$/, 'js')}'`,
  )
  const made = apis.map(({ valueName }) => `const ${valueName}Api = google.api(${valueName})`)
  const lines = [
    "import { createClient } from 'discokit'",
    ...imports,
    'const google = createClient()',
    ...made,
    'const names: (string | undefined)[] = []',
    ...documents.map((name) => CALLS[name]!),
  ]
  await writeFile(join(folder, 'main.ts'), documents.length === 0 ? 'export {}\n' : `${lines.join('\n')}\n`)
}

async function compile(folder: string, compiler: string): Promise<Cost> {
  const tsc = resolve('node_modules', compiler, 'bin/tsc')
  const started = performance.now()
  const { stdout } = await promisify(execFile)(process.execPath, [tsc, '-p', folder, '--extendedDiagnostics'])
  const seconds = (performance.now() - started) / 1000
  return { seconds, megabytes: Number(/^Memory used: +(\d+)K$/m.exec(stdout)?.[1]) / 1000 }
}

function report(title: string, costs: ReadonlyMap<string, readonly Cost[]>): void {
  console.log(`${title}: a program of ten lines, the whole process (wall) and the memory that it reports`)
  let empty: Cost | undefined
  for (const [name, tries] of costs) {
    const cost = {
      seconds: median(tries.map((each) => each.seconds)),
      megabytes: median(tries.map((each) => each.megabytes)),
    }
    empty ??= cost
    const over = `+${(cost.seconds - empty.seconds).toFixed(2)} s  +${(cost.megabytes - empty.megabytes).toFixed(1)} MB`
    console.log(
      `  ${name.padEnd(32)} ${cost.seconds.toFixed(2)} s  ${cost.megabytes.toFixed(1).padStart(6)} MB   ${over}`,
    )
  }
  console.log()
}

function median(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!
}
