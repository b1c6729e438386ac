/**
 * A text file of a size that is known before it is read. Neither folders nor devices nor pipes: they may have no end.
 * Rejects with an error whose message goes on after the file's name.
 */
export async function readText(path: string, maxBytes: number): Promise<string> {
  const { promises, constants } = process.getBuiltinModule('node:fs')
  // A pipe that nobody writes to would hold up whoever opens it.
  const flags = constants.O_RDONLY | (constants.O_NONBLOCK ?? 0)
  const file = await promises.open(path, flags).catch((cause: { code?: string }) => {
    const { code = '' } = cause
    throw Object.assign(new Error(WHY[code] ?? `cannot be read (${code})`, { cause }), { code })
  })
  try {
    const stat = await file.stat()
    if (!stat.isFile()) throw new Error(stat.isDirectory() ? 'is a folder' : 'is not a plain file')
    const buffer = Buffer.alloc(maxBytes + 1)
    let length = 0
    for (let read = -1; read !== 0 && length <= maxBytes; length += read)
      ({ bytesRead: read } = await file.read(buffer, length))
    if (length > maxBytes) throw new Error(`is larger than ${maxBytes} bytes`)
    return buffer.toString('utf8', 0, length)
  } finally {
    await file.close()
  }
}

/** Why a file cannot be opened, by the code of the system. */
const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'does not exist',
  EISDIR: 'is a folder',
  EACCES: 'may not be read',
  ENXIO: 'is not a plain file',
}
