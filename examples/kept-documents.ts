/** How an API is found, and what a second start does without asking. */
import { createClient } from 'discokit'
import { createEmulator } from 'discokit/emulator'
import { diskCache } from 'discokit/node'

const emulator = await createEmulator()
const cache = diskCache('documents') // on Node there is one without being asked for, but not for an emulator

const first = createClient({ ...emulator.connect(), cache })
const { items } = await first.listApis({ name: 'storage', preferred: true })
console.log(items[0]?.id) // storage:v1
await first.discover('storage')
console.log(emulator.journal.exchanges.length) // 3: the list, the preferred version, its document

const second = createClient({ ...emulator.connect(), cache })
const storage = await second.discover('storage')
console.log(storage.$methods, storage.$resources.includes('objects')) // [] true
console.log(emulator.journal.exchanges.length) // still 3

const url = `${emulator.url}/discovery/v1/apis/storage/v1/rest`
const same = await second.discover({ url, id: 'storage:v1' }) // from an address of your own
console.log(same.$id)
await emulator.close()
