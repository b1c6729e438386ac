import { fetchTransport } from '../transport/fetch-transport.ts'
import { readStream, toReadableStream } from '../transport/web-stream.ts'
import type {
  OpenDocumentCache,
  Platform,
  PlatformCodecs,
  PlatformMachine,
  PlatformStorage,
} from './platform.ts'
import { createMemorySpool } from './spool.ts'

/** Browsers, edge workers and other runtimes that have the web's interfaces and nothing else. */
export const platform: Platform = {
  name: 'web',
  createTransport: () => fetchTransport(),
  environment: () => undefined,
  readTextFile: () =>
    Promise.reject(new TypeError('cannot be read: this runtime has no files; pass the content instead')),
  importRs256Key: async (pem) => {
    const der = Uint8Array.from(atob(pem.replace(/-----[A-Z ]+-----|\s/g, '')), (byte) => byte.charCodeAt(0))
    const algorithm = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }
    const key = await crypto.subtle.importKey('pkcs8', der, algorithm, false, ['sign'])
    return async (data) =>
      new Uint8Array(await crypto.subtle.sign(algorithm.name, key, data as Uint8Array<ArrayBuffer>))
  },
}

export const openDocumentCache: OpenDocumentCache = async () => undefined

export const codecs: PlatformCodecs = {
  loadCrc32c: async () => undefined,
  createMd5: () => undefined,
  gunzip: (chunks) =>
    readStream(
      toReadableStream(chunks).pipeThrough(
        // The types of the web say that it takes buffers of its own kind.
        new DecompressionStream('gzip') as unknown as ReadableWritablePair<Uint8Array, Uint8Array>,
      ),
    ),
}

export const storage: PlatformStorage = {
  createMd5: () => undefined,
  createSha256: () => undefined,
  createSpool: async () => createMemorySpool(),
}

export const machine: PlatformMachine = {
  runProgram: () => Promise.reject(new TypeError('cannot be run: this runtime starts no programs')),
}
