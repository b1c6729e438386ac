/** Compiled in a project with Node's types: every entry. */
import { createClient, type Client, type Transport } from 'discokit'
import { anonymous } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { multipart } from 'discokit/media'
import { file, type MediaFile, nodeTransport } from 'discokit/node'

const emulator: Emulator = await createEmulator()
const transport: Transport = nodeTransport()
const google: Client = createClient({ ...emulator.connect(), transport, auth: anonymous() })
const photo: MediaFile = file('photo.jpg')
export const { length } = multipart({ kind: 'related', parts: [{ contentType: 'image/jpeg', body: photo }] })
// @ts-expect-error -- an emulator has no such member
emulator.start()
await google.close()
