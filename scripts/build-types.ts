import { relative } from 'node:path'
import { build } from 'rolldown'
import { dts } from 'rolldown-plugin-dts'

/** What programs import. */
export const LIBRARY = {
  index: 'src/index.ts',
  'auth/index': 'src/auth/index.ts',
  'media/index': 'src/media/index.ts',
  'node/index': 'src/node/index.ts',
  'storage/index': 'src/storage/index.ts',
  'login/index': 'src/login/index.ts',
  'emulator/index': 'src/emulator/index.ts',
}

/** Packages, Node's modules, and `#platform`, which is chosen when it is imported. */
export const isOutside = (id: string): boolean => !/^[./]/.test(id)

/** Writes declarations in few files: each further one costs a compiler a millisecond. What entries share is in types/. */
export async function buildTypes(dir: string): Promise<void> {
  await build({
    input: LIBRARY,
    external: isOutside,
    platform: 'neutral',
    plugins: [dts({ oxc: true, emitDtsOnly: true, tsconfig: false })],
    output: {
      dir,
      format: 'esm',
      entryFileNames: ({ facadeModuleId }) => relative('src', facadeModuleId!),
      chunkFileNames: 'types/[name].js',
    },
  })
}
