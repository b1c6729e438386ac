import { DataLossError } from '../errors.ts'
import { codecs } from '#platform'

/**
 * Takes gzip off, piece by piece. Nothing at all is taken for gzip of nothing.
 * @throws {DataLossError} when it is not gzip, its end is missing, or something comes after that.
 */
export async function* inflate(
  id: string,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  let broken: { error: unknown } | undefined
  let given = 0
  async function* watched(): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for await (const chunk of chunks) {
        given += chunk.length
        yield chunk
      }
    } catch (error) {
      broken = { error }
      throw error
    }
  }
  try {
    yield* codecs.gunzip(watched())
  } catch {
    if (broken) throw broken.error
    if (given === 0) return
    throw new DataLossError(
      `${id}: the content is marked as gzip, and is not, or its end is missing, or something comes after it; ` +
        `decompress: false gives it as it is stored`,
    )
  }
}
