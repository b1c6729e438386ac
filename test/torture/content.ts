import { bytesOf } from '../media/connection.ts'
import type { Random } from './random.ts'

const MOST_BYTES = 3_145_728
const GRANULE = 262_144
const ALL = bytesOf(MOST_BYTES + 65_536)

/** Content of 0 to 3 MiB: small, or of a few granules and a byte more or less, or anything. */
export function contentOf(random: Random): Uint8Array<ArrayBuffer> {
  const length = lengthOf(random)
  const first = random.int(0, ALL.length - length)
  return ALL.subarray(first, first + length)
}

function lengthOf(random: Random): number {
  const kind = random.int(0, 9)
  if (kind === 0) return random.int(0, 2)
  if (kind <= 3) return random.int(3, 70_000)
  if (kind <= 7) return GRANULE * random.int(1, 4) + random.pick([-1, 0, 0, 1])
  return random.int(0, MOST_BYTES)
}
