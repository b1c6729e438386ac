import { writeFile } from 'node:fs/promises'
import { ValidationError } from '../errors.ts'

/**
 * Writes a file that only its owner may read, and never over another file.
 * @param option what the command line says it with, for errors
 * @throws {ValidationError} when it cannot be written.
 */
export async function writeSecretFile(path: string, content: object, option: string): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    const { code } = error as { code?: string }
    const message = `${path} ${code === 'EEXIST' ? 'exists already; remove it, or name another' : `cannot be written (${code})`}`
    throw new ValidationError('the file was not written', [{ path: option, message }])
  }
}
