/** What an emulator can do to a client: fail, and let time pass. */
import { createClient } from 'discokit'
import { createEmulator } from 'discokit/emulator'

const emulator = await createEmulator()
const google = createClient({ ...emulator.connect(), auth: emulator.serviceAccount() })
const storage = await google.discover('storage:v1')
await storage.buckets.insert({ project: 'test', body: { name: 'reports' } })

emulator.fail('storage.buckets.get', ['return-503']) // the next call fails once, and is tried again
await storage.buckets.get({ bucket: 'reports' }, { retry: { baseDelayMs: 1 } })
console.log(emulator.journal.exchanges.length) // what was asked, without credentials

emulator.clock.advance(3_600_000) // tokens expire; the client lives in the emulator's time
await storage.buckets.get({ bucket: 'reports' })
emulator.reset() // forgets data, faults and time
await emulator.close()
