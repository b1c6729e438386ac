import type { FileHandle } from 'node:fs/promises'
import type { Spool, SpooledBytes } from '../platform.ts'
import { spooledInMemory } from '../spool.ts'
import { openSpoolFile, type SpoolFile } from './spool-folder.ts'

/**
 * A spool that holds up to 1 MiB in memory and moves to a temporary file beyond that, which only this user can read.
 * Its space is given back by `discard`, by `delete`, or when the process ends.
 */
export function createFileSpool(): Spool {
  return new FileSpool()
}

/** How much is held in memory, and how much goes to the disk in one write. */
const BLOCK_BYTES = 1024 * 1024
const FIRST_BLOCK_BYTES = 16 * 1024
const READ_BYTES = 256 * 1024

class FileSpool implements Spool {
  #block = new Uint8Array(0)
  #used = 0
  /** The block being written to the disk while the next one fills. */
  #writing: Promise<void> | undefined
  #spare: Uint8Array<ArrayBuffer> | undefined
  #file: SpoolFile | undefined
  #length = 0

  async write(bytes: Uint8Array): Promise<void> {
    let from = 0
    while (from < bytes.length) {
      if (this.#used === BLOCK_BYTES) await this.#flush()
      const part = bytes.subarray(from, from + BLOCK_BYTES - this.#used)
      this.#reserve(this.#used + part.length)
      this.#block.set(part, this.#used)
      this.#used += part.length
      from += part.length
    }
    this.#length += bytes.length
  }

  async finish(): Promise<SpooledBytes> {
    if (!this.#file) return spooledInMemory([this.#block.slice(0, this.#used)], this.#length)
    await this.#flush()
    await this.#writing
    return spooledInFile(this.#file, this.#length)
  }

  async discard(): Promise<void> {
    this.#block = new Uint8Array(0)
    if (!this.#file) return
    const file = this.#file
    this.#file = undefined
    await this.#writing?.catch(() => {})
    await file.remove()
  }

  #reserve(size: number): void {
    if (size <= this.#block.length) return
    const grown = new Uint8Array(
      Math.min(BLOCK_BYTES, Math.max(size, this.#block.length * 2, FIRST_BLOCK_BYTES)),
    )
    grown.set(this.#block.subarray(0, this.#used))
    this.#block = grown
  }

  /** Hands the full block to the disk and goes on with another, once the one before it is written. */
  async #flush(): Promise<void> {
    await this.#writing
    this.#file ??= await openSpoolFile()
    const { handle } = this.#file
    const full = this.#block
    this.#writing = writeAll(handle, full.subarray(0, this.#used))
    // Its failure is met by the next write, by finish or by discard.
    this.#writing.catch(() => {})
    this.#block = this.#spare ?? new Uint8Array(BLOCK_BYTES)
    this.#spare = full
    this.#used = 0
  }
}

async function writeAll(handle: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += (await handle.write(bytes, written, bytes.length - written)).bytesWritten
  }
}

function spooledInFile(file: SpoolFile, length: number): SpooledBytes {
  let readers = 0
  let deleted = false
  let removed: Promise<void> | undefined
  /** Who reads when the bytes are deleted reads on to the end; the last one takes the file away. */
  const removeWhenUnread = async (): Promise<void> => {
    if (deleted && readers === 0) await (removed ??= file.remove())
  }
  return {
    length,
    async *read(first = 0, last = length - 1) {
      if (deleted) throw new Error('a spooled file was read after it was deleted')
      readers += 1
      try {
        for (let position = first; position <= last;) {
          const buffer = new Uint8Array(Math.min(READ_BYTES, last + 1 - position))
          const { bytesRead } = await file.handle.read(buffer, 0, buffer.length, position)
          if (bytesRead === 0) throw new Error('a spooled file became shorter while it was read')
          position += bytesRead
          yield buffer.subarray(0, bytesRead)
        }
      } finally {
        readers -= 1
        await removeWhenUnread()
      }
    },
    delete: () => {
      deleted = true
      return removeWhenUnread()
    },
  }
}
