import type { Spool, SpooledBytes } from './platform.ts'

/** A spool that keeps its bytes in memory, for runtimes without a disk. What is written is copied. */
export function createMemorySpool(): Spool {
  const chunks: Uint8Array[] = []
  let length = 0
  return {
    write: async (bytes) => {
      // A copy: the writer may use its buffer again.
      if (bytes.length > 0) chunks.push(bytes.slice())
      length += bytes.length
    },
    finish: async () => spooledInMemory(chunks, length),
    discard: async () => void (chunks.length = 0),
  }
}

/** Bytes in memory as a spool gives them. Readers get copies, so none can change what is stored. */
export function spooledInMemory(chunks: readonly Uint8Array[], length: number): SpooledBytes {
  let held = chunks
  return {
    length,
    async *read(first = 0, last = length - 1) {
      let start = 0
      for (const chunk of held) {
        const from = Math.max(first - start, 0)
        const to = Math.min(last + 1 - start, chunk.length)
        if (from < to) yield chunk.slice(from, to)
        start += chunk.length
        if (start > last) return
      }
    },
    delete: async () => void (held = []),
  }
}
