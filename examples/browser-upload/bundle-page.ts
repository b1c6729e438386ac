import { fileURLToPath } from 'node:url'
import { rolldown } from 'rolldown'

/** The page's program and what it uses of discokit, as one script. Any bundler does. */
export async function bundlePage(): Promise<string> {
  const bundle = await rolldown({
    input: fileURLToPath(new URL('page.ts', import.meta.url)),
    platform: 'browser',
    resolve: { conditionNames: ['discokit-source', 'browser', 'import', 'default'] },
  })
  const { output } = await bundle.generate({ format: 'esm', codeSplitting: false })
  await bundle.close()
  return output[0].code
}
