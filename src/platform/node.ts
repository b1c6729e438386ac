import { nodeTransport } from './node/http-transport.ts'
import type {
  Digest,
  OpenDocumentCache,
  Platform,
  PlatformCodecs,
  PlatformMachine,
  PlatformStorage,
} from './platform.ts'

/** Node, and runtimes that have its modules. Modules are loaded when first needed, not on import. */
export const platform: Platform = {
  name: 'node',
  createTransport: () => nodeTransport(),
  environment: (name) => process.env[name] || undefined,
  readTextFile: async (path, maxBytes) => (await import('./node/read-text.ts')).readText(path, maxBytes),
  importRs256Key: async (pem) => {
    const { createPrivateKey, sign } = process.getBuiltinModule('node:crypto')
    const key = createPrivateKey(pem)
    if (key.asymmetricKeyType !== 'rsa') throw new TypeError('not an RSA key')
    return (data) =>
      new Promise((resolve, reject) => {
        sign('RSA-SHA256', data, key, (error, signature) => (error ? reject(error) : resolve(signature)))
      })
  },
}

/** A folder of the user's caches. */
export const openDocumentCache: OpenDocumentCache = async () => {
  const { cacheFolder, createDiskCache } = await import('./node/disk-cache.ts')
  const folder = cacheFolder(process.env, process.platform)
  return folder === undefined ? undefined : createDiskCache(folder)
}

const createMd5 = (): Digest => createDigest('md5')

/** Checksums and codings of media. */
export const codecs: PlatformCodecs = {
  createMd5,
  loadCrc32c: async () => (await import('./node/media-codecs.ts')).nativeCrc32c(),
  async *gunzip(chunks) {
    yield* (await import('./node/media-codecs.ts')).gunzip(chunks)
  },
}

/** Bytes at rest, for the emulator. */
export const storage: PlatformStorage = {
  createMd5,
  createSha256: () => createDigest('sha256'),
  createSpool: async () => (await import('./node/spool.ts')).createFileSpool(),
}

/** What the machine has besides. */
export const machine: PlatformMachine = {
  runProgram: async (file, args, options) =>
    (await import('./node/run-program.ts')).runProgram(file, args, options),
}

function createDigest(algorithm: 'md5' | 'sha256'): Digest {
  const hash = process.getBuiltinModule('node:crypto').createHash(algorithm)
  return { update: (bytes) => void hash.update(bytes), digest: () => hash.digest() }
}
