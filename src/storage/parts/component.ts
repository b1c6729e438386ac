import { DataLossError, ParseError } from '../../errors.ts'
import { combineCrc32c, formatCrc32c, parseCrc32c } from '../../protocol/crc32c.ts'
import type { StoredObject } from '../objects-api.ts'

/** An object that is to become a part of another. */
export interface Component {
  readonly name: string
  readonly generation: string
  readonly crc32c: number
  /** In bytes. */
  readonly length: number
}

/** @throws {ParseError} when the answer does not say what is needed of a part of this length. */
export function componentOf(
  { name, generation, size, crc32c }: StoredObject,
  expectedLength: number,
): Component {
  const checksum = parseCrc32c(crc32c ?? '')
  if (checksum === undefined || typeof generation !== 'string' || size !== String(expectedLength)) {
    throw new ParseError(`uploadInParts: the answer does not tell generation, size and CRC-32C of ${name}`, {
      status: 200,
      contentType: 'application/json',
    })
  }
  return { name, generation, crc32c: checksum, length: expectedLength }
}

/** The bytes of components together. */
export function lengthOf(components: readonly Component[]): number {
  return components.reduce((sum, { length }) => sum + length, 0)
}

/** The CRC-32C of components one after the other. */
export function checksumOf(components: readonly Component[]): number {
  return components.reduce((crc, component) => combineCrc32c(crc, component.crc32c, component.length), 0)
}

/** @throws {DataLossError} when an object does not have the checksum of what it was made of. */
export function checkSame({ name, crc32c }: Component, expected: number): void {
  if (crc32c === expected) return
  const [theirs, ours] = [formatCrc32c(crc32c), formatCrc32c(expected)]
  throw new DataLossError(
    `uploadInParts: ${name} is not what was sent: its CRC-32C is ${theirs}, and that of its parts ${ours}; replace or delete it`,
    { expected: ours, actual: theirs },
  )
}
