/**
 * A text file of a size that has a limit, a MiB by default. Neither folders nor devices nor pipes: they may have no end.
 * Rejects with an error whose message goes on after the file's name.
 */
export async function readText(path: string, maxBytes = 1_048_576): Promise<string> {
  const { promises, constants } = process.getBuiltinModule('node:fs')
  try {
    // A pipe that nobody writes to would hold up whoever opens it.
    const file = await promises.open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const stat = await file.stat()
      if (!stat.isFile()) throw new Error(WHY[stat.isDirectory() ? 'EISDIR' : 'ENXIO'])
      const chunks: Uint8Array[] = []
      for (let length = 0; ;) {
        const { bytesRead, buffer } = await file.read(Buffer.alloc(CHUNK_BYTES))
        if (bytesRead === 0) return Buffer.concat(chunks).toString('utf8')
        length += bytesRead
        if (length > maxBytes) throw new Error(`is larger than ${maxBytes} bytes`)
        chunks.push(buffer.subarray(0, bytesRead))
      }
    } finally {
      await file.close()
    }
  } catch (cause) {
    const { code } = cause as { code?: string }
    if (code === undefined) throw cause
    // The system's own text repeats the path.
    throw Object.assign(new Error(WHY[code] ?? `cannot be read (${code})`, { cause }), { code })
  }
}

const CHUNK_BYTES = 16_384

/** Why a file cannot be read, by the code of the system. */
const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EISDIR: 'is a folder',
  EACCES: 'may not be read',
  ENXIO: 'is not a plain file',
}
