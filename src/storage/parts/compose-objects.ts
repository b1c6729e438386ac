import { MaybeAppliedError, PreconditionFailedError } from '../../errors.ts'
import { parseCrc32c } from '../../protocol/crc32c.ts'
import type { WebAbortSignal } from '../../web-types.ts'
import type { Generation, ObjectsApi, StoredObject } from '../objects-api.ts'
import { checkSame, checksumOf, type Component, componentOf, lengthOf } from './component.ts'

/** What components become. */
export interface Composition {
  readonly bucket: string
  readonly object: string
  readonly metadata: Readonly<Record<string, unknown>>
  readonly ifGenerationMatch?: Generation
  /** Of how many parts it is, through all compositions, and when the newest of these came to be, by the server's clock. */
  readonly parts?: { readonly count: number; readonly newestMs: number }
  readonly signal?: WebAbortSignal | undefined
}

/**
 * Composes objects, and compares the checksum of what comes of it with theirs. Composing twice gives the same, so it is tried
 * again like a read.
 */
export async function composeObjects(
  api: ObjectsApi,
  components: readonly Component[],
  composition: Composition,
): Promise<StoredObject> {
  const { bucket, object, metadata, ifGenerationMatch, signal } = composition
  const sourceObjects = components.map(({ name, generation }) => ({ name, generation }))
  let stored: StoredObject
  try {
    stored = await api.compose(
      {
        destinationBucket: bucket,
        destinationObject: object,
        ifGenerationMatch,
        body: { sourceObjects, destination: metadata },
      },
      { retry: { idempotent: true }, ...(signal && { signal }) },
    )
  } catch (error) {
    if (!(error instanceof PreconditionFailedError || error instanceof MaybeAppliedError)) throw error
    // The answer to a first try may have been lost: then the precondition fails because the object is there.
    const now = await api.get({ bucket, object }, signal && { signal }).catch(() => undefined)
    if (now === undefined || !isOurs(now, components, composition)) throw error
    stored = now
  }
  checkSame(componentOf(stored, lengthOf(components)), checksumOf(components))
  return stored
}

/** When an object came to be, in ms since 1970. */
export function timeOf({ timeCreated = '' }: StoredObject): number {
  return Date.parse(timeCreated) || 0
}

/** Whether an object is these components: the same bytes, of as many parts, made after the last of them. */
function isOurs(
  stored: StoredObject,
  components: readonly Component[],
  { parts }: Pick<Composition, 'parts'>,
): boolean {
  return (
    parts !== undefined &&
    stored.componentCount === parts.count &&
    timeOf(stored) >= parts.newestMs &&
    stored.size === String(lengthOf(components)) &&
    parseCrc32c(stored.crc32c ?? '') === checksumOf(components)
  )
}
