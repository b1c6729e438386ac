/**
 * Builds dist/: one bundled file per entry, what entries share in one chunk (every further file costs a program one
 * to two milliseconds at its start), and declarations in as few.
 */
import { chmodSync, readFileSync, rmSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { build, type Plugin } from 'rolldown'
import { buildTypes, isOutside, LIBRARY } from './build-types.ts'

/**
 * What every program needs. The rest belongs to one entry, or is loaded when first used. What loads something else belongs
 * to its entry too: bundlers keep what a module may load, also where nobody uses the module.
 */
const isCore = (id: string): boolean => /\/src\//.test(id) && !ELSEWHERE.test(id) && !OWN.test(id)
const OWN = /\?own$/
/** What the search for credentials has copies of. Errors are not: programs know them by their class. */
const COPIED = /src\/(auth\/|protocol\/base64\.ts)/
const ELSEWHERE =
  /src\/(client|documents|methods|sending)\.ts|src\/auth\/(?!tokens\/|account\/|(service-account|authorized-fetch|default\/late-credentials)\.ts)|src\/discovery\/(?!api|check|map|members|method|restore)|media\/(?!download\.ts|index|multipart)|protocol\/(crc32c|goog-hash|seal)|follow-redirect|xhr-transport|src\/(batch|codegen|emulator|cli|login|node|scopes|storage)\/|protocol\/(http-message|header-fields|multipart-split)|src\/platform\/(web|node|spool)\.ts|platform\/node\/(spool|disk-cache|media-codecs|gunzip|native-crc32c|proxy\.ts)|pagination\/(?!late|next|query)|media\/multipart|multipart-(decode|encode)|content-range/

/** Documents as texts: an engine parses JSON in a fraction of the time that the same as an object of the language takes. */
const documentsAsText: Plugin = {
  name: 'documents-as-text',
  transform: {
    filter: { id: /emulator\/documents\/.*\.json$/ },
    handler: (code) => ({
      code: `export default JSON.parse('${JSON.stringify(JSON.parse(code)).replace(/[\\']/g, '\\$&')}')`,
      moduleType: 'js',
    }),
  },
}

/**
 * The generator of files has copies of some pure functions: a chunk that it shared with what programs load when they run
 * would cost them a file more.
 */
const ownCopies: Plugin = {
  name: 'own-copies',
  resolveId: {
    filter: { id: /\/(slim-resource|shared-parts|paging|items)\.ts$/ },
    handler: (id, importer = '') =>
      /\/codegen\/|\?copy$/.test(importer) ? `${resolve(dirname(importer), id)}?copy` : null,
  },
  load: {
    filter: { id: /\?copy$/ },
    handler: (id) => ({ code: readFileSync(id.replace(/\?copy$/, ''), 'utf8'), moduleType: 'ts' }),
  },
}

/**
 * A client without a credential loads the search for one, with copies of all kinds: bundlers would otherwise keep every kind
 * that `discokit/auth` has for programs that name theirs.
 */
const defaultCredentials: Plugin = {
  name: 'default-credentials',
  resolveId: {
    filter: { id: /^\.{1,2}\/.*\.ts$/ },
    handler(id, importer = '') {
      const path = resolve(dirname(importer), id)
      const isOwn = importer.endsWith('/client.ts')
        ? path.endsWith('/default-credentials.ts')
        : OWN.test(importer) && COPIED.test(path)
      return isOwn ? `${path}?own` : null
    },
  },
  load: {
    filter: { id: OWN },
    handler: (id) => ({ code: readFileSync(id.replace(OWN, ''), 'utf8'), moduleType: 'ts' }),
  },
}

/**
 * `discokit/login`, `discokit/node` and the command line have copies of what they share with `discokit/auth` and with each other: a
 * chunk of two would cost every program that has a credential a file more. They have copies of what they need of scopes too, which
 * is little.
 */
const entryCopies: Plugin = {
  name: 'entry-copies',
  resolveId: {
    filter: { id: /^\.{1,2}\/.*\.ts$/ },
    handler(id, importer = '') {
      const path = resolve(dirname(importer), id)
      const [, folder, copy = folder] = /\/src\/(login|node|cli)\/|\?(login|node|cli)$/.exec(importer) ?? []
      const isShared = /\/src\/(auth\/|scopes\/|protocol\/seal)/.test(path)
      return copy && isShared && !isCore(path) ? `${path}?${copy}` : null
    },
  },
  load: {
    filter: { id: /\?(login|node|cli)$/ },
    handler: (id) => ({ code: readFileSync(id.replace(/\?\w+$/, ''), 'utf8'), moduleType: 'ts' }),
  },
}

rmSync('dist', { recursive: true, force: true })
await build({
  input: {
    ...LIBRARY,
    'platform/node': 'src/platform/node.ts',
    'platform/web': 'src/platform/web.ts',
    'cli/main': 'src/cli/main.ts',
  },
  external: isOutside,
  platform: 'neutral',
  plugins: [documentsAsText, ownCopies, defaultCredentials, entryCopies],
  preserveEntrySignatures: 'allow-extension',
  transform: { target: 'es2022' },
  output: {
    dir: 'dist',
    format: 'esm',
    comments: { legal: true, annotation: true, jsdoc: false },
    entryFileNames: '[name].js',
    chunkFileNames: 'chunks/[name].js',
    codeSplitting: {
      includeDependenciesRecursively: false,
      groups: [
        {
          name: 'emulator',
          test: /src\/(emulator\/(?!documents|listen\.ts)|protocol\/multipart-decode)/,
          priority: 2,
        },
        { name: 'default-credentials', test: OWN, priority: 3 },
        // One file for a small upload; sessions are another.
        {
          name: 'media',
          test: /src\/media\/(?!download|receive|multipart|index|keyv|redis|resumable)/,
          priority: 2,
        },
        { name: 'checksums', test: /src\/protocol\/(crc32c|goog-hash|content-range)/, priority: 2 },
        { name: 'core', test: isCore, priority: 1 },
      ],
    },
  },
})
chmodSync('dist/cli/main.js', 0o755)
if (!process.argv.includes('--no-types')) await buildTypes('dist')
