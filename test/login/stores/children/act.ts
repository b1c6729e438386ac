/**
 * Acts for a person whose login is in a server or in a file, so that it can be one of many: asks who they are, and says what the answer's status is.
 * Arguments: `redis`, `postgres` or `files`; the server's address or the folder; the hash's prefix, the table or the key; the account; the
 * emulator's address. It says `ready` when it has connected, and goes on when it is told something.
 */
import { once } from 'node:events'
import { createClient } from '@redis/client'
import { authorizedFetch, type LoginStore, userCredentials } from 'discokit/auth'
import { redisLoginStore, sqlLoginStore } from 'discokit/login'
import { fileLoginStore } from 'discokit/node'
import { Client } from 'pg'

const [kind = '', address = '', place = '', account = '', emulator = ''] = process.argv.slice(2)
const store = await { redis: openRedis, postgres: openPostgres, files: openFiles }[kind]!()
const fetch = authorizedFetch(userCredentials({ store, account }), { allowedOrigins: [emulator] })
process.stdout.write('ready\n')
await once(process.stdin, 'data')
const answer = await fetch(`${emulator}/openidconnect.googleapis.com/v1/userinfo`)
process.stdout.write(`${answer.status}\n`, () => process.exit())

async function openFiles(): Promise<LoginStore> {
  return fileLoginStore({ folder: address, key: place })
}

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
