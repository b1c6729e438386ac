import { compareNames } from '../../protocol/name-order.ts'
import type { WebAbortSignal } from '../../web-types.ts'
import { checkedObject, type ObjectsApi, type StoredObject } from '../objects-api.ts'

/** The objects whose names begin with a prefix, in the order of their names. */
export async function* listObjects(
  api: ObjectsApi,
  bucket: string,
  prefix: string,
  signal: WebAbortSignal,
): AsyncGenerator<StoredObject, void, undefined> {
  const objects = api.list({ bucket, prefix, fields: FIELDS }, { signal })
  for await (const object of objects) yield checkedObject(object, bucket)
}

const FIELDS = 'items(name,size,generation,crc32c),nextPageToken'

/** Puts to each thing the object of its name, of two sequences in the order of names: neither is ever held as a whole. */
export async function* withObjects<Thing>(
  things: AsyncIterable<Thing>,
  nameOf: (thing: Thing) => string,
  objects: AsyncGenerator<StoredObject, void, undefined>,
): AsyncGenerator<readonly [Thing, StoredObject | undefined], void, undefined> {
  try {
    let next = await objects.next()
    for await (const thing of things) {
      const name = nameOf(thing)
      while (next.value !== undefined && compareNames(next.value.name, name) < 0) next = await objects.next()
      yield [thing, next.value?.name === name ? next.value : undefined]
    }
  } finally {
    await objects.return(undefined)
  }
}
