import type { HttpResponse } from '../../../protocol/http.ts'
import { invalid, notModelled, required } from '../../api-failure.ts'
import { checkShape } from '../../fields.ts'
import { receive } from '../../receive.ts'
import { type Call, isJsonObject, type JsonObject, readJsonObject } from '../../service.ts'
import { OBJECT_ROLES, readAcl } from './access-control.ts'
import { checkReplaceable, newObject } from './new-object.ts'
import { objectAnswer } from './object-answer.ts'
import { checkObjectName, patchObjectFields } from './object-resource.ts'
import { unmet } from './preconditions.ts'
import { checkRetention } from './retention.ts'
import { releaseBytes, shareBytes } from './share-bytes.ts'
import {
  type Bucket,
  findObject,
  putObject,
  removeObject,
  requireBucket,
  type StoredObject,
} from './storage-state.ts'

/** `storage.objects.compose`: one object out of 1 to 32 others of its bucket, in order. It has no MD5. */
export async function composeObject(call: Call): Promise<HttpResponse> {
  const body = await readJsonObject(call.body)
  if (call.parameters.text('kmsKeyName')) throw notModelled('encryption with a key of Cloud KMS')
  const name = call.parameters.text('destinationObject')!
  checkObjectName(name)
  const before = requireBucket(call, 'destinationBucket')
  const sources = readSources(before, body.sourceObjects)
  const removes = body.deleteSourceObjects === true
  if (removes) for (const source of sources) checkRetention(call, before, source)
  const metadata = isJsonObject(body.destination) ? body.destination : {}
  const { storageClass } = before.fields
  const fields = patchObjectFields(typeof storageClass === 'string' ? { storageClass } : {}, metadata)
  const acl = readAcl(metadata.acl, OBJECT_ROLES)
  checkReplaceable(call, before, name)
  const { bytes, crc32c } = await joined(sources)
  try {
    // Meanwhile the bucket may have gone, and something come to where this goes.
    const bucket = requireBucket(call, 'destinationBucket')
    checkReplaceable(call, bucket, name)
    const componentCount = sources.reduce((sum, source) => sum + (source.componentCount ?? 1), 0)
    const content = { name, fields, acl, bytes, crc32c, md5Hash: undefined, componentCount }
    const object = newObject(call, bucket, content)
    const answer = objectAnswer(call, object)
    putObject(bucket, object)
    if (removes) for (const source of sources) removeUnchanged(bucket, source)
    return answer
  } catch (error) {
    await bytes.delete()
    throw error
  }
}

/** The objects that a body names, as they are now. */
function readSources(bucket: Bucket, given: unknown): readonly StoredObject[] {
  checkShape(given, [{ name: 'string' }], 'sourceObjects')
  const sources = (given ?? []) as readonly (JsonObject | null)[]
  if (sources.length === 0) throw required('sourceObjects')
  if (sources.length > MOST_SOURCES) {
    throw invalid(
      `The number of source components provided (${sources.length}) exceeds the maximum (${MOST_SOURCES})`,
    )
  }
  return sources.map((source) => {
    const { name, generation, objectPreconditions } = source ?? {}
    if (typeof name !== 'string' || name === '') throw required('sourceObjects.name')
    const object = findObject(bucket, name, readInt64(generation, 'generation'))
    const wanted = isJsonObject(objectPreconditions)
      ? readInt64(objectPreconditions.ifGenerationMatch, 'ifGenerationMatch')
      : undefined
    if (wanted !== undefined && wanted !== object.generation) throw unmet('ifGenerationMatch', 'parameter')
    return object
  })
}

/** Stores the bytes of all sources in a row. Sources that are replaced meanwhile are read to their end. */
async function joined(sources: readonly StoredObject[]): ReturnType<typeof receive> {
  const held = sources.map(({ bytes }) => shareBytes(bytes))
  try {
    return await receive(inTurn(held))
  } finally {
    await Promise.all(held.map(releaseBytes))
  }
}

async function* inTurn(parts: readonly StoredObject['bytes'][]): AsyncGenerator<Uint8Array, void, undefined> {
  for (const part of parts) yield* part.read()
}

/** An object may be named twice, be replaced meanwhile, or be the destination itself. */
function removeUnchanged(bucket: Bucket, source: StoredObject): void {
  if (bucket.objects.get(source.name) === source) removeObject(bucket, source)
}

function readInt64(value: unknown, name: string): bigint | undefined {
  if (value === undefined || value === null) return undefined
  const isText = typeof value === 'string' && /^-?\d{1,19}$/.test(value)
  if (isText || Number.isSafeInteger(value)) return BigInt(value as string | number)
  throw invalid(`Invalid value for sourceObjects.${name}: must be a 64-bit integer.`)
}

const MOST_SOURCES = 32
