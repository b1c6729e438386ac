/** Tokens of people and API keys, for programs that bring their own way of asking. */
import { createEmulator } from 'discokit/emulator'

const emulator = await createEmulator()
const { url } = await emulator.listen()

const token = emulator.accessToken({
  email: 'me@example.com',
  scopes: ['https://www.googleapis.com/auth/devstorage.read_only'],
})
const headers = { authorization: `Bearer ${token}` }
const buckets = await fetch(`${url}/storage/v1/b?project=test`, { headers })
const insert = await fetch(`${url}/storage/v1/b?project=test`, {
  method: 'POST',
  headers,
  body: '{"name":"reports"}',
})
const apis = await fetch(`${url}/discovery/v1/apis?key=${emulator.apiKey()}`)
console.log(buckets.status, insert.status, apis.status) // 200 403 200: the token may only read
await emulator.close()
