import { type Client, createClient, type UntypedApi } from 'discokit'
import { createEmulator, type Emulator, type EmulatorOptions } from 'discokit/emulator'

/** An emulator with a client of it, and Cloud Storage discovered through both. */
export interface Emulated extends AsyncDisposable {
  readonly emulator: Emulator
  readonly google: Client
  readonly storage: UntypedApi
}

/** Opens all three; the journal is empty afterwards. */
export async function openEmulated(options?: EmulatorOptions): Promise<Emulated> {
  const emulator = await createEmulator(options)
  const google = createClient({ ...emulator.connect(), auth: emulator.serviceAccount() })
  const storage = await google.discover('storage:v1')
  emulator.journal.clear()
  return { emulator, google, storage, [Symbol.asyncDispose]: () => emulator.close() }
}

/** Makes buckets of the project `p`. */
export async function makeBuckets(storage: UntypedApi, names: readonly string[]): Promise<void> {
  for (const name of names) await storage.buckets.insert({ project: 'p', body: { name } })
}
