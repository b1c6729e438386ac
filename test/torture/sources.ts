import { writeFile } from 'node:fs/promises'
import fs from 'node:fs'
import { Readable } from 'node:stream'
import type { MediaInput } from 'discokit'
import { file } from 'discokit/node'
import type { Random } from './random.ts'

/** A content in one of the forms that programs have it in. */
export interface MadeSource {
  readonly kind: string
  /** Whether the same call can be made again with it. */
  readonly again: boolean
  readonly media: MediaInput
  close(): Promise<void>
}

type Bytes = Uint8Array<ArrayBuffer>

/** Makes a source of some kind; `path` is where a file may be. */
export async function makeSource(bytes: Bytes, random: Random, path: string): Promise<MadeSource> {
  const size = random.pick([1_000, 40_000, 65_536, 300_000])
  const kind = random.pick(Object.keys(KINDS))
  const { again, make } = KINDS[kind]!
  const { media, close = async () => {} } = await make(bytes, Math.max(size, bytes.length / 100), path)
  return { kind, again, media, close }
}

interface Kind {
  readonly again: boolean
  make(bytes: Bytes, size: number, path: string): Promise<{ media: MediaInput; close?: () => Promise<void> }>
}

const KINDS: Readonly<Record<string, Kind>> = {
  file: {
    again: true,
    async make(bytes, _, path) {
      await writeFile(path, bytes)
      return { media: file(path) }
    },
  },
  'file handle': {
    again: true,
    async make(bytes, _, path) {
      await writeFile(path, bytes)
      const handle = await fs.promises.open(path, 'r')
      return { media: file(handle), close: () => handle.close() }
    },
  },
  bytes: { again: true, make: async (bytes) => ({ media: bytes }) },
  'array buffer': { again: true, make: async (bytes) => ({ media: bytes.slice().buffer }) },
  Blob: { again: true, make: async (bytes) => ({ media: new Blob([bytes]) }) },
  File: {
    again: true,
    make: async (bytes) => ({ media: new File([bytes], 'a.bin', { lastModified: 1_700_000_000_000 }) }),
  },
  function: {
    again: true,
    make: async (bytes, size) => ({
      media: { length: bytes.length, open: (offset: number) => pieces(bytes.subarray(offset), size) },
    }),
  },
  'function of unknown length': {
    again: true,
    make: async (bytes, size) => ({
      media: { open: async (offset: number) => pieces(bytes.subarray(offset), size) },
    }),
  },
  'source that begins at its beginning': {
    again: true,
    make: async (bytes, size) => ({
      media: {
        describe: () => ({ length: bytes.length, replayable: true }),
        open: () => pieces(bytes, size),
      },
    }),
  },
  'async iterable': { again: false, make: async (bytes, size) => ({ media: pieces(bytes, size) }) },
  'stream of known length': {
    again: false,
    make: async (bytes, size) => ({ media: { content: pieces(bytes, size), length: bytes.length } }),
  },
  'web stream': {
    again: false,
    make: async (bytes) => ({ media: new Blob([bytes]).stream() }),
  },
  'stream of Node': {
    again: false,
    make: async (bytes, size) => ({ media: Readable.from(pieces(bytes, size)) }),
  },
  'answer of fetch': {
    again: false,
    make: async (bytes) => ({
      media: new Response(bytes, { headers: { 'content-length': String(bytes.length) } }),
    }),
  },
}

async function* pieces(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let start = 0; start < bytes.length; start += size) yield bytes.subarray(start, start + size)
}
