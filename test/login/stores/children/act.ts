/**
 * Acts for a person whose login is in a server, so that it can be one of many: asks who they are, and says what the answer's status is.
 * Arguments: `redis` or `postgres`, the server's address, the hash's prefix or the table, the account, the emulator's address. It says
 * `ready` when it has connected, and goes on when it is told something.
 */
import { once } from 'node:events'
import { createClient } from '@redis/client'
import { authorizedFetch, type LoginStore, userCredentials } from 'discokit/auth'
import { redisLoginStore, sqlLoginStore } from 'discokit/login'
import { Client } from 'pg'

const [kind = '', address = '', place = '', account = '', emulator = ''] = process.argv.slice(2)
const store = kind === 'redis' ? await openRedis() : await openPostgres()
const fetch = authorizedFetch(userCredentials({ store, account }), { allowedOrigins: [emulator] })
process.stdout.write('ready\n')
await once(process.stdin, 'data')
const answer = await fetch(`${emulator}/openidconnect.googleapis.com/v1/userinfo`)
process.stdout.write(`${answer.status}\n`, () => process.exit())

async function openRedis(): Promise<LoginStore> {
  const client = createClient({ url: address })
  await client.connect()
  return redisLoginStore(client, { prefix: place })
}

async function openPostgres(): Promise<LoginStore> {
  const client = new Client(address)
  await client.connect()
  return sqlLoginStore({ query: (text, values) => client.query(text, values), table: place })
}
