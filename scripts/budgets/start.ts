import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { inTemporaryFolder, runToSuccess } from '../run.ts'

const NODE = [process.execPath, '--input-type=module']
/**
 * Node's modules that importing the library loads beyond those of a program that imports one small file. Each costs
 * milliseconds, so `node:http`, `node:crypto` and the others wait until they are used.
 */
export async function builtinsOnImport(): Promise<string[]> {
  const list = async (program: string): Promise<string[]> => {
    const write = 'process.stdout.write(JSON.stringify(process.moduleLoadList))'
    return JSON.parse(await runToSuccess([...NODE, '-e', `${program}\n${write}`])) as string[]
  }
  const usual = new Set(await list("import 'mrmime'"))
  return (await list("import 'discokit'\nimport 'discokit/auth'")).filter((name) => !usual.has(name))
}

/**
 * Files of ours that a program has loaded when it ends, and files of other packages. Node's own record of what code
 * ran says so, which counts an import wherever it is made.
 */
export function filesLoaded(
  program: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<{
  ours: number
  others: number
  stdout: string
}> {
  return inTemporaryFolder(async (folder) => {
    const stdout = await runToSuccess([process.execPath, ...program], {
      env: { ...env, NODE_V8_COVERAGE: folder },
    })
    const records = await Promise.all(
      (await readdir(folder)).map(
        async (file) => JSON.parse(await readFile(join(folder, file), 'utf8')) as Coverage,
      ),
    )
    const urls = [...new Set(records.flatMap(({ result }) => result.map(({ url }) => url)))]
    const below = (path: string): number => {
      const start = pathToFileURL(join(process.cwd(), path)).href
      return urls.filter((url) => url.startsWith(start)).length
    }
    return { ours: below('dist/'), others: below('node_modules/'), stdout }
  })
}

interface Coverage {
  readonly result: readonly { readonly url: string }[]
}
