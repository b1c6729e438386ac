import { gzipSync } from 'node:zlib'
import { build } from 'rolldown'

/** What a bundler makes of a program. */
export interface Bundled {
  readonly gzipBytes: number
  /** What is loaded later, when it is first needed: not part of the above. */
  readonly laterGzipBytes: number
  /** Node's modules and globals that it has left in it: one is enough to break it in a browser. */
  readonly usesOfNode: readonly string[]
}

/** Bundles and minifies a program with everything it imports, as somebody who uses the package would, from dist/. */
export async function bundleSize(program: string, platform: 'node' | 'browser'): Promise<Bundled> {
  const entry = 'program'
  const { output } = await build({
    input: entry,
    plugins: [
      {
        name: 'program',
        resolveId: (id) => (id === entry ? `${process.cwd()}/program.js` : null),
        load: (id) => (id.endsWith('/program.js') ? program : null),
      },
    ],
    platform,
    transform: { target: 'es2022' },
    output: { format: 'esm', minify: true, comments: false },
    write: false,
    logLevel: 'silent',
  })
  const chunks = output.filter((file) => file.type === 'chunk')
  const uses = chunks.flatMap(
    ({ code }) => code.match(/["'`]node:[a-z/]+["'`]|\b(Buffer|process)\.\w+/g) ?? [],
  )
  const first = new Set<string>()
  const add = (name: string): void => {
    const chunk = chunks.find(({ fileName }) => fileName === name)
    if (!chunk || first.has(name)) return
    first.add(name)
    chunk.imports.forEach(add)
  }
  chunks.filter(({ isEntry }) => isEntry).forEach(({ fileName }) => add(fileName))
  const size = (at: boolean): number =>
    chunks
      .filter(({ fileName }) => first.has(fileName) === at)
      .reduce((sum, { code }) => sum + gzipSync(code, { level: 9 }).length, 0)
  return {
    gzipBytes: size(true),
    laterGzipBytes: size(false),
    usesOfNode: [...new Set(uses)],
  }
}
