import { join } from 'node:path'
import { rm } from 'node:fs/promises'
import {
  GoogleApiError,
  MaybeAppliedError,
  NotFoundError,
  TimeoutError,
  TransportError,
  type UploadSettings,
} from 'discokit'
import { createUploadControl, memoryUploadStore, type UploadStore } from 'discokit/media'
import { fileUploadStore } from 'discokit/node'
import { same } from '../media/connection.ts'
import { faultyClient, type Outcome, type World } from './case.ts'
import { contentOf } from './content.ts'
import { admitsEffect, judgeError } from './judge.ts'
import type { Random } from './random.ts'
import { makeSource } from './sources.ts'

/** Uploads something in some way over a faulty connection, and compares what was said with what there is. */
export async function uploadCase(world: World, random: Random, index: number): Promise<Outcome> {
  const bytes = contentOf(random)
  const name = `upload-${index}`
  const path = join(world.folder, name)
  const source = await makeSource(bytes, random, path)
  const way = chooseWay(random, path, world.p)
  const { settings, guarded, stalls } = way
  const inSession = settings.kind === 'resumable'
  const tolerance = { stalls, corruption: settings.checksum !== false }
  const { google, storage, ledger } = faultyClient(world, random, tolerance, {})
  ledger.timed = stalls
  const wrong: string[] = []
  const gaveUp = new Error('given up')
  const abort = new AbortController()
  const abortAt = random.chance(0.04) ? random.int(1, 4) : Infinity
  const pauses = random.chance(0.05)
  let progress = 0
  const put = async (): Promise<{ size: string; generation: string }> => {
    const control = pauses ? createUploadControl() : undefined
    const onProgress = ({ sent, acknowledged }: { sent: number; acknowledged: number }): void => {
      const most = ledger.has('lie-of-range') ? Infinity : bytes.length
      if (acknowledged > sent || acknowledged > most) wrong.push(`progress of ${acknowledged} of ${sent}`)
      if (++progress === abortAt) abort.abort(gaveUp)
      if (control && progress % 3 === 1 && progress < 16) {
        control.pause()
        setImmediate(() => control.resume())
      }
    }
    const parameters = {
      bucket: 'box',
      ...(way.metadata ? { body: { name, metadata: { a: 'é' } } } : { name }),
      ...(guarded && { ifGenerationMatch: 0 }),
      media: source.media,
    }
    return storage['objects'].insert(parameters, {
      onProgress,
      signal: abort.signal,
      ...(stalls && !inSession && { timeoutMs: STALL_MS }),
      upload: { ...settings, ...(control && { control }) },
    })
  }

  let error: unknown
  let stored: { size: string; generation: string } | undefined
  const calls = settings.store && source.again ? 4 : 1
  for (let call = 0; call < calls && stored === undefined; call++) {
    try {
      stored = await put()
      error = undefined
    } catch (reason) {
      error = reason
      if (reason !== gaveUp) wrong.push(...judgeError(reason, ledger))
      if (!isWorthAnother(reason)) break
    }
  }

  await ledger.settled()
  const found: Uint8Array | undefined = await world.storage['objects'].get
    .download({ bucket: 'box', object: name })
    .bytes()
    .catch((reason: unknown) => {
      if (reason instanceof NotFoundError) return undefined
      throw reason
    })
  const made = ledger.generations.size
  if (made > 1) wrong.push(`${made} objects were made one after the other`)
  // After a time limit nobody hears of what the server does with what it has.
  const heard = error !== gaveUp && !ledger.timed
  if (heard && made > 0 !== (found !== undefined))
    wrong.push(`the ledger has ${made} objects and the server ${found?.length}`)
  const exact = same(found, bytes)
  if (stored) {
    if (!exact) wrong.push(`success, and stored are ${found?.length} bytes that are not the ${bytes.length}`)
    if (stored.size !== String(bytes.length)) wrong.push(`an answer that speaks of ${stored.size} bytes`)
  } else {
    if (made > 0 && /nothing was stored/.test(String(error)))
      wrong.push(`stored, and the error says: ${String(error)}`)
    if (found && !exact && !ledger.has('corrupt-content')) wrong.push(`failure, and a wrong object is stored`)
    // What may be sent again without harm need not be told to have happened.
    if (found && error !== gaveUp && !admitsEffect(error) && !(guarded && isPassing(error)))
      wrong.push(`the object is stored, and the error does not say that it may be: ${String(error)}`)
  }
  if (ledger.requests > mostRequests(bytes.length, calls, ledger.faults.length))
    wrong.push(`${ledger.requests} requests for ${bytes.length} bytes and ${ledger.faults.length} faults`)

  await google.close()
  await source.close()
  if (found) await world.storage['objects'].delete({ bucket: 'box', object: name })
  await rm(path, { force: true })
  await rm(`${path}.states`, { force: true, recursive: true })
  return {
    what: `upload ${way.what}, ${bytes.length} bytes from ${source.kind}${abortAt < 9 ? ', aborted' : ''}${pauses ? ', paused' : ''}: ${ledger.faults.join(' ')}`,
    result: error === undefined ? 'exact' : error === gaveUp ? 'given up' : (error as Error).name,
    faults: ledger.faults.length,
    wrong,
  }
}

const STALL_MS = 100

interface Way {
  readonly what: string
  readonly settings: UploadSettings
  readonly metadata: boolean
  /** Whether a precondition makes it safe to send it twice. */
  readonly guarded: boolean
  readonly stalls: boolean
}

function chooseWay(random: Random, path: string, p: number): Way {
  const kind = random.pick([
    'simple',
    'multipart',
    'resumable',
    'resumable',
    'resumable',
    'resumable',
  ] as const)
  const guarded = random.chance(0.5)
  const stalls = random.chance(0.1) && p > 0
  const checksum = !random.chance(0.1)
  if (kind !== 'resumable') {
    return {
      what: kind,
      settings: { kind, checksum },
      metadata: kind === 'multipart',
      guarded,
      stalls,
    }
  }
  const dialect = random.pick(['content-range', 'content-range', 'goog-upload'] as const)
  const chunkBytes = random.pick([undefined, undefined, 262_144, 524_288, 1_048_576])
  const where = random.pick([undefined, undefined, 'memory', 'files'])
  const stores: Readonly<Record<string, () => UploadStore>> = {
    memory: memoryUploadStore,
    files: () => fileUploadStore(`${path}.states`),
  }
  const store = where && stores[where]!()
  return {
    what: `resumable ${dialect}${chunkBytes ? ` in ${chunkBytes}` : ''}${where ? ` with ${where}` : ''}`,
    settings: {
      kind,
      dialect,
      checksum,
      ...(chunkBytes && { chunkBytes }),
      ...(store && { store, key: path }),
      ...(stalls && { stallTimeoutMs: STALL_MS }),
    },
    metadata: random.chance(0.5),
    guarded,
    stalls,
  }
}

/** Whether the same call may go on with what is kept. */
function isWorthAnother(error: unknown): boolean {
  return isPassing(error) || error instanceof MaybeAppliedError || error instanceof TimeoutError
}

function isPassing(error: unknown): boolean {
  return error instanceof TransportError || (error instanceof GoogleApiError && error.retryable)
}

/** One for each granule and each call, and for each fault another and a question. */
function mostRequests(bytes: number, calls: number, faults: number): number {
  return 4 * (Math.ceil(bytes / 262_144) + 4 + faults) * calls
}
