import type { SpooledBytes } from '../../receive.ts'

/** Whether an `Accept-Encoding` takes gzip (RFC 9110 section 12.5.3): by its name or by `*`, not with `q=0`. */
export function acceptsGzip(header: string | undefined): boolean {
  const weights = new Map(
    (header ?? '').split(',').map((each) => {
      const [coding = '', ...parameters] = each.toLowerCase().split(';')
      const weight = parameters
        .map((parameter) => /^\s*q\s*=\s*([\d.]+)\s*$/.exec(parameter)?.[1])
        .find(Boolean)
      return [coding.trim(), Number(weight ?? 1)] as const
    }),
  )
  return (weights.get('gzip') ?? weights.get('*') ?? 0) > 0
}

/** Whether bytes begin as gzip does (RFC 1952 section 2.3.1): callers say so of others too. */
export async function isGzip(bytes: SpooledBytes): Promise<boolean> {
  const begin: number[] = []
  for await (const chunk of bytes.read(0, 1)) begin.push(...chunk)
  return begin[0] === 0x1f && begin[1] === 0x8b
}

/** The content of gzip. Fails in the middle where the gzip is damaged. */
export async function* inflate(
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { readable, writable } = new DecompressionStream('gzip')
  const reader = readable.getReader()
  // What fails there fails for the reader too.
  write(chunks, writable).catch(() => {})
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) return
      yield value
    }
  } finally {
    await reader.cancel().catch(() => {})
  }
}

async function write(
  chunks: AsyncIterable<Uint8Array>,
  writable: WritableStream<BufferSource>,
): Promise<void> {
  const writer = writable.getWriter()
  try {
    for await (const chunk of chunks) await writer.write(chunk as Uint8Array<ArrayBuffer>)
    await writer.close()
  } catch (error) {
    await writer.abort(error).catch(() => {})
    throw error
  }
}
