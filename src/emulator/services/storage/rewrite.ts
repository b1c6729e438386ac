import type { HttpResponse } from '../../../protocol/http.ts'
import { jsonAnswer } from '../../answers.ts'
import { ApiFailure, invalidParameter } from '../../api-failure.ts'
import { nextId } from '../../ids.ts'
import { type Call, readJsonObject } from '../../service.ts'
import { type CopyPlan, finishCopy, planCopy } from './copy.ts'
import { shownObject } from './object-answer.ts'
import { releaseBytes, shareBytes } from './share-bytes.ts'
import { storageState, type StoredObject } from './storage-state.ts'

/** A rewrite that takes several calls. What it makes was said in the first. */
export interface Rewrite {
  readonly plan: CopyPlan
  /** What the calls have in common: source, destination and bytes for each call. */
  readonly key: string
  /** The bytes of the source, which may be gone before the end. */
  readonly bytes: StoredObject['bytes']
  readonly expiresAt: number
  rewritten: number
}

/**
 * `storage.objects.rewrite`. It ends with the first call, but for objects that go to another location or storage class
 * and have more bytes than `maxBytesRewrittenPerCall`.
 */
export async function rewriteObject(call: Call): Promise<HttpResponse> {
  const body = await readJsonObject(call.body)
  const { parameters } = call
  const token = parameters.text('rewriteToken')
  if (token) return goOn(call, token)
  const plan = planCopy(call, body)
  const perCall = bytesPerCall(call)
  const size = plan.source.bytes.length
  if (!plan.spans || perCall === undefined || size <= perCall) {
    return doneAnswer(call, finishCopy(call, plan))
  }
  const given = nextId(call, 64)
  storageState(call).rewrites.set(given, {
    plan,
    key: keyOf(call, plan.source),
    bytes: shareBytes(plan.source.bytes),
    expiresAt: call.clock.now() + WEEK_MS,
    rewritten: perCall,
  })
  return progressAnswer(given, perCall, size)
}

function goOn(call: Call, token: string): HttpResponse {
  const { rewrites } = storageState(call)
  const rewrite = rewrites.get(token)
  if (!rewrite) throw invalidParameter('rewriteToken', 'The rewrite token is not one of a rewrite under way.')
  if (rewrite.expiresAt <= call.clock.now()) {
    rewrites.delete(token)
    releaseBytes(rewrite.bytes).catch(() => {})
    throw new ApiFailure(410, 'gone', 'The rewrite token has expired; begin anew.')
  }
  // The bucket may be another of the same name by now.
  const { source, bucket } = planCopy(call, {})
  if (keyOf(call, source) !== rewrite.key) {
    throw invalidParameter(
      'rewriteToken',
      'The rewrite token was given for another source, destination or size.',
    )
  }
  rewrite.rewritten += bytesPerCall(call) ?? Infinity
  const size = rewrite.bytes.length
  if (rewrite.rewritten < size) return progressAnswer(token, rewrite.rewritten, size)
  rewrites.delete(token)
  return doneAnswer(call, finishCopy(call, { ...rewrite.plan, bucket }, rewrite.bytes))
}

function keyOf({ parameters }: Call, { bucket, name, generation }: StoredObject): string {
  const destination = [parameters.text('destinationBucket'), parameters.text('destinationObject')]
  const perCall = parameters.int64('maxBytesRewrittenPerCall')
  return JSON.stringify([bucket, name, String(generation), destination, String(perCall)])
}

function bytesPerCall({ parameters }: Call): number | undefined {
  const given = parameters.int64('maxBytesRewrittenPerCall')
  if (given === undefined) return undefined
  if (given > 0n && given % MEBIBYTE === 0n) return Number(given)
  throw invalidParameter('maxBytesRewrittenPerCall', 'It must be a multiple of 1048576 above 0.')
}

function progressAnswer(rewriteToken: string, rewritten: number, size: number): HttpResponse {
  return jsonAnswer({
    kind: 'storage#rewriteResponse',
    totalBytesRewritten: String(rewritten),
    objectSize: String(size),
    done: false,
    rewriteToken,
  })
}

function doneAnswer(call: Call, object: StoredObject): HttpResponse {
  const size = String(object.bytes.length)
  return jsonAnswer({
    kind: 'storage#rewriteResponse',
    totalBytesRewritten: size,
    objectSize: size,
    done: true,
    resource: shownObject(call, object),
  })
}

const MEBIBYTE = 1_048_576n
const WEEK_MS = 7 * 24 * 60 * 60 * 1000
