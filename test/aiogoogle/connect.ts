import { type Client, type ClientOptions, createClient } from 'discokit'
import { accessToken } from 'discokit/auth'
import { createEmulator, type Emulator, type EmulatorOptions } from 'discokit/emulator'

/** An emulator of one test, with clients of it. */
export interface Connected extends AsyncDisposable {
  readonly emulator: Emulator
  /** Speaks for `ada@example.com`. */
  readonly google: Client
  /** Another client of the same emulator. */
  client(options: ClientOptions): Client
  /** The method ids that were called, in order. */
  called(): string[]
}

/** Opens one; the project `p` has the bucket `my-photos`. */
export async function connect(options: EmulatorOptions = {}): Promise<Connected> {
  const emulator = await createEmulator(options)
  const client = (more: ClientOptions): Client => createClient({ ...emulator.connect(), ...more })
  const google = client({ auth: accessToken(emulator.accessToken({ email: 'ada@example.com' })) })
  const storage = await google.discover('storage:v1')
  await storage['buckets'].insert({ project: 'p', body: { name: 'my-photos' } })
  emulator.journal.clear()
  return {
    emulator,
    google,
    client,
    called: () => emulator.journal.exchanges.map(({ methodId }) => methodId ?? ''),
    [Symbol.asyncDispose]: () => emulator.close(),
  }
}

/** What a promise rejects with, or a call throws. */
export async function failure(call: () => unknown): Promise<unknown> {
  try {
    await call()
  } catch (error) {
    return error
  }
  throw new Error('this should have failed')
}
