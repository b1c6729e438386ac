import type { SpooledBytes } from '../../receive.ts'

/** The same bytes for one more object. They go when all that have them let them go. */
export function shareBytes(bytes: SpooledBytes): SpooledBytes {
  const owners = ownersOf.get(bytes) ?? { count: 1, first: bytes }
  owners.count += 1
  const { first } = owners
  const shared: SpooledBytes = {
    length: first.length,
    read: (from, to) => first.read(from, to),
    delete: () => releaseBytes(shared),
  }
  ownersOf.set(bytes, owners)
  ownersOf.set(shared, owners)
  return shared
}

/** Lets bytes go, once for each that has them. What they take on disk goes with the last. */
export async function releaseBytes(bytes: SpooledBytes): Promise<void> {
  const owners = ownersOf.get(bytes)
  if (!owners) return bytes.delete()
  ownersOf.delete(bytes)
  owners.count -= 1
  if (owners.count === 0) await owners.first.delete()
}

interface Owners {
  count: number
  readonly first: SpooledBytes
}

const ownersOf = new WeakMap<SpooledBytes, Owners>()
