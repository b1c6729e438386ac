import type { DocumentCache } from '../discovery/document-cache.ts'
import type { ClosableTransport, WaitingCall } from '../transport/transport.ts'

/**
 * What differs from one JavaScript runtime to another. Each leaf (`node.ts`, `web.ts`) exports one `platform`; the
 * `imports` map of package.json chooses between them.
 */
export interface Platform {
  readonly name: 'node' | 'web'
  /** The transport of a client that was given none. Nothing is opened before the first request. */
  createTransport(): ClosableTransport
  /** An environment variable; undefined when unset, empty, or when the runtime has no environment. */
  environment(name: string): string | undefined
  /**
   * A UTF-8 text file of at most `maxBytes`, a MiB by default. Folders, devices and pipes are refused, which may have no end.
   * Rejects with an error whose message goes on after the file's name, `does not exist` or `is larger than 1048576 bytes`, and
   * that has the system's `code`, if it has one.
   */
  readTextFile(path: string, maxBytes?: number): Promise<string>
  /**
   * A function that signs with RSASSA-PKCS1-v1_5 and SHA-256. The key, PKCS #8 in PEM (on Node also PKCS #1), is
   * parsed once, here. Rejects when it cannot be read.
   */
  importRs256Key(pem: string): Promise<(data: Uint8Array) => Promise<Uint8Array>>
}

/**
 * The cache for discovery documents that this runtime has for programs that name none, or undefined. Each leaf
 * exports one as `openDocumentCache`, apart from `platform` for the reason of {@link PlatformStorage}.
 */
export type OpenDocumentCache = () => Promise<DocumentCache | undefined>

/**
 * What the emulator needs of the runtime besides: each leaf exports one `storage` too. Apart from `platform`, so that a
 * program without the emulator does not carry it.
 */
export interface PlatformStorage {
  /** An incremental MD5, or undefined where the runtime has none. */
  createMd5(): Digest | undefined
  /** The same for SHA-256. */
  createSha256(): Digest | undefined
  /** A place to put bytes that may be many: on disk where there is one. */
  createSpool(): Promise<Spool>
}

/**
 * What transfers of media need of the runtime: each leaf exports one `codecs` too, apart from `platform` for the reason of
 * {@link PlatformStorage}.
 */
export interface PlatformCodecs {
  /** A faster CRC-32C than ours, with the same arguments: that of the package `@node-rs/crc32`, where it is installed. */
  loadCrc32c(): Promise<((bytes: Uint8Array, previous?: number) => number) | undefined>
  /** An incremental MD5, or undefined where the runtime has none. */
  createMd5(): Digest | undefined
  /**
   * Takes a gzip coding off, piece by piece. Rejects when the end is missing, and when something comes after it. The source
   * is read no faster than the result.
   */
  gunzip(chunks: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array>
}

/** An incremental hash. */
export interface Digest {
  update(bytes: Uint8Array): void
  digest(): Uint8Array
}

/** Bytes being written, to be read back later. Nothing of it stays behind after `discard` or `SpooledBytes.delete`. */
export interface Spool {
  write(bytes: Uint8Array): Promise<void>
  finish(): Promise<SpooledBytes>
  discard(): Promise<void>
}

/** Bytes at rest. */
export interface SpooledBytes {
  readonly length: number
  /** The bytes from `first` to `last`, both included; all by default. */
  read(first?: number, last?: number): AsyncIterable<Uint8Array>
  delete(): Promise<void>
}

/**
 * What credentials of other providers need of the machine: each leaf exports one `machine` too, apart from `platform` for
 * the reason of {@link PlatformStorage}.
 */
export interface PlatformMachine {
  /**
   * Runs a program without a shell, with an empty input, and gives what it writes to its output. Rejects with an error whose
   * message goes on after the program's name: `does not exist`, `did not end within 5000 ms`.
   */
  runProgram(file: string, args: readonly string[], options: ProgramOptions): Promise<ProgramResult>
}

/** How a program is run. */
export interface ProgramOptions {
  /** Variables beside those of this process; undefined takes one of those away. */
  readonly env?: Readonly<Record<string, string | undefined>>
  /** When it is killed. */
  readonly timeoutMs: number
  /** The most that it may write to its output. */
  readonly maxBytes: number
  /** The call that it is run for: it is killed when that ends before. */
  readonly call: Pick<WaitingCall, 'onEnd'>
}

/** What became of a program that ended by itself. */
export interface ProgramResult {
  /** Null when something else killed it. */
  readonly exitCode: number | null
  readonly stdout: string
  /** The beginning of what it wrote to its error output, 4,096 bytes at most. */
  readonly stderr: string
}
