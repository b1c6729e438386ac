import fs from 'node:fs'
import { dirname } from 'node:path'
import { refused, whyNot } from './save-file.ts'

/** A file of lines that is only ever added to. */
export interface LineFile {
  /** Fulfilled when the line is on disk. Lines that come meanwhile go there together. */
  append(line: string): Promise<void>
  close(): Promise<void>
}

/** Opens a file when the first line is added, and makes it when there is none. Only this user can read one that is made. */
export function appendLines(path: string): LineFile {
  let opening: Promise<fs.promises.FileHandle> | undefined
  let waiting: string[] = []
  let written = Promise.resolve()
  let next: Promise<void> | undefined
  const write = async (): Promise<void> => {
    next = undefined
    const lines = waiting
    waiting = []
    const handle = await (opening ??= openAtEnd(path))
    await handle.appendFile(lines.join(''))
    await handle.datasync()
  }
  const closeHandle = async (): Promise<void> => {
    const handle = await opening?.catch(() => undefined)
    opening = undefined
    await handle?.close()
  }
  // One after the other. Who waits for a step is told when it fails, and the next is taken all the same.
  const after = (step: () => Promise<void>): Promise<void> => (written = written.catch(() => {}).then(step))
  return {
    append(line) {
      waiting.push(`${line}\n`)
      return (next ??= after(write))
    },
    close: () => after(closeHandle),
  }
}

async function openAtEnd(path: string): Promise<fs.promises.FileHandle> {
  const handle = await fs.promises.open(path, 'a+', 0o600).catch((error: unknown) => {
    throw whyNot(dirname(path), error)
  })
  try {
    const stats = await handle.stat()
    if (!stats.isFile()) throw refused(path, 'is not a file')
    // A crash may have cut the last line off: what follows is not to be a part of it.
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(1), 0, 1, Math.max(0, stats.size - 1))
    if (bytesRead === 1 && buffer[0] !== LINE_FEED) await handle.appendFile('\n')
    return handle
  } catch (error) {
    await handle.close()
    throw error
  }
}

const LINE_FEED = 10

/** The lines of a file; none when there is no file. Lines of more than 64 KiB are left out, as is one without an end. */
export async function* readLines(path: string): AsyncGenerator<string, void, undefined> {
  let handle: fs.promises.FileHandle
  try {
    if (!fs.statSync(path, { throwIfNoEntry: false })?.isFile()) return
    handle = await fs.promises.open(path, 'r')
  } catch (error) {
    throw refused(path, `cannot be read (${(error as { code?: string }).code})`)
  }
  try {
    const memory = Buffer.alloc(MOST_LINE_BYTES)
    let held = 0
    let skipping = false
    for (;;) {
      const { bytesRead } = await handle.read(memory, held, memory.length - held, null)
      if (bytesRead === 0) return
      held += bytesRead
      let first = 0
      for (let end = memory.indexOf(LINE_FEED, first); end >= 0 && end < held;) {
        if (!skipping && end > first) yield memory.toString('utf8', first, end)
        skipping = false
        first = end + 1
        end = memory.indexOf(LINE_FEED, first)
      }
      memory.copyWithin(0, first, held)
      held -= first
      if (held === memory.length) {
        skipping = true
        held = 0
      }
    }
  } finally {
    await handle.close()
  }
}

const MOST_LINE_BYTES = 65_536
