import { NotFoundError } from '../../errors.ts'
import { inParallel } from '../in-parallel.ts'
import type { ObjectsApi } from '../objects-api.ts'

/** Deletes objects as well as that can be done, and gives the names of those that may still be there. */
export async function removeObjects(
  { delete: remove }: ObjectsApi,
  bucket: string,
  names: Iterable<string>,
): Promise<readonly string[]> {
  const left: string[] = []
  const removeOne = async (object: string): Promise<void> => {
    try {
      await remove({ bucket, object }, { retry: { idempotent: true }, timeoutMs: TIMEOUT_MS })
    } catch (error) {
      if (!(error instanceof NotFoundError)) left.push(object)
    }
  }
  for await (const _ of inParallel(names, AT_ONCE, removeOne, () => {}));
  return left
}

const TIMEOUT_MS = 10_000
const AT_ONCE = 16
