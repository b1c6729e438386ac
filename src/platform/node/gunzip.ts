/**
 * Takes a gzip coding off, piece by piece, also of several members one after the other. Zlib itself passes over zeros after
 * the end; here they are refused as anything else is.
 */
export async function* gunzip(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const inflater = process.getBuiltinModule('node:zlib').createGunzip({ chunkSize: CHUNK_BYTES })
  let given = 0
  // One that is destroyed while its reader is behind never says what became of a chunk.
  let left = (): void => {}
  inflater.on('close', () => left())
  const write = (chunk: Uint8Array): Promise<boolean> =>
    new Promise((resolve) => {
      left = () => resolve(false)
      inflater.write(chunk, (error) => resolve(!error))
    })
  const feeding = (async () => {
    for await (const chunk of chunks) {
      given += chunk.length
      if (inflater.destroyed || !(await write(chunk))) return
    }
    inflater.end()
  })()
  feeding.catch((error: Error) => inflater.destroy(error))
  try {
    yield* inflater
    await feeding
  } finally {
    inflater.destroy()
  }
  if (inflater.bytesWritten !== given) throw new Error('something comes after the end')
}

const CHUNK_BYTES = 65_536
