/** An API that the emulator does not model, from a file with its document. */
import { createClient, GoogleApiError } from 'discokit'
import { createEmulator } from 'discokit/emulator'
import { readDocument } from 'discokit/node'

const document = await readDocument('notes.json')
const emulator = await createEmulator({ documents: [document] })
const google = createClient({ ...emulator.connect(), auth: emulator.serviceAccount() })
const { notes } = google.api(document)

for (const body of [
  { title: 'Milk', pages: 1 },
  { title: 'Milk', pages: 'one' },
]) {
  try {
    await notes.create({ body })
  } catch (error) {
    if (error instanceof GoogleApiError) console.log(error.status, error.serverMessage)
  }
}
await emulator.close()
