import { checkAccount } from '../../auth/user/account-name.ts'
import type { LoginStore } from '../../auth/user/login-store.ts'
import { ValidationError } from '../../errors.ts'
import { checkOptionNames } from '../../request/option-names.ts'
import { readStored, writeStored } from './stored-login.ts'

/** What is used of a client of Redis 5 or newer, or of a cluster: that of `@redis/client`, or that of `ioredis`. */
export type RedisLoginClient = RedisEval | RedisCall

/** The form of `@redis/client`. */
export interface RedisEval {
  eval(script: string, options: { keys: string[]; arguments: string[] }): Promise<unknown>
}

/** The form of `ioredis`. */
export interface RedisCall {
  call(command: string, ...args: string[]): Promise<unknown>
}

/**
 * A store over the program's own client of Redis. Each step is one script with one key, so it is atomic in a cluster too, for
 * all programs that have the same Redis and the same prefix. Logins stay until they are deleted: let Redis keep them on disk,
 * and evict nothing. What the client throws, calls throw, without the command that ioredis repeats there.
 *
 * ```ts
 * import { redisLoginStore, type RedisLoginClient } from 'discokit/login'
 *
 * declare const client: RedisLoginClient // await createClient({ url }).connect() of @redis/client, or new Redis(url) of ioredis
 * const store = redisLoginStore(client, { prefix: 'notes:' })
 * ```
 *
 * @param options `prefix`: what the name of the one hash begins with that all logins are in, default `discokit:`
 * @throws {ValidationError} for what is no such client, and for options that cannot be used.
 */
export function redisLoginStore(
  client: RedisLoginClient,
  options: { readonly prefix?: string | undefined } = {},
): LoginStore {
  checkOptionNames(MADE, options, ['prefix'])
  const { prefix = 'discokit:' } = options
  const run = runnerOf(client, `${prefix}logins`)
  if (run === undefined || typeof prefix !== 'string')
    throw new ValidationError(MADE, [
      run
        ? { path: 'prefix', message: 'must be a text' }
        : { path: 'client', message: 'must be a client of Redis' },
    ])
  return {
    atomic: true,
    async get(account) {
      checkAccount(account, ASKED)
      return readStored(await run(GET, account))
    },
    async put(account, login, ifVersion = '') {
      checkAccount(account, ASKED)
      return Number(await run(PUT, account, ifVersion, writeStored(login))) === 1
    },
    async delete(account, ifVersion = '') {
      checkAccount(account, ASKED)
      return Number(await run(DELETE, account, ifVersion)) === 1
    },
    async accounts() {
      const accounts = new Set<string>()
      let cursor = '0'
      do {
        const [next, ...page] = (await run(LIST, cursor)) as [string, ...string[]]
        for (const account of page) accounts.add(account)
        cursor = next
      } while (cursor !== '0')
      return [...accounts]
    },
  }
}

const MADE = 'the store of logins cannot be made'
const ASKED = 'the store of logins cannot be asked'

type Run = (script: string, ...args: string[]) => Promise<unknown>

function runnerOf(client: Partial<RedisEval & RedisCall> | undefined, key: string): Run | undefined {
  // Clients of ioredis have a function eval too, of another form.
  if (typeof client?.call === 'function')
    return (script, ...args) => withoutCommand(client.call!('EVAL', script, '1', key, ...args))
  if (typeof client?.eval === 'function')
    return (script, ...args) => client.eval!(script, { keys: [key], arguments: args })
  return undefined
}

/** Errors of ioredis repeat the whole command, and so the login. */
async function withoutCommand<Result>(answer: Promise<Result>): Promise<Result> {
  try {
    return await answer
  } catch (error) {
    if (error instanceof Error) Reflect.deleteProperty(error, 'command')
    throw error
  }
}

/** The version of what is there under the account ARGV[1]; an empty text where there is none. */
const VERSION = `
local kept = redis.call('HGET', KEYS[1], ARGV[1])
local version = kept and string.match(kept, '^([%da-f-]+) ') or ''
if #version ~= 36 then version = '' end`
const GET = `return redis.call('HGET', KEYS[1], ARGV[1])`
const PUT = `${VERSION}
if version ~= ARGV[2] then return 0 end
redis.call('HSET', KEYS[1], ARGV[1], ARGV[3])
return 1`
const DELETE = `${VERSION}
if ARGV[2] ~= '' and version ~= ARGV[2] then return 0 end
return redis.call('HDEL', KEYS[1], ARGV[1])`
/** One page of names: the logins beside them stay where they are. */
const LIST = `
local page = redis.call('HSCAN', KEYS[1], ARGV[1], 'COUNT', 500)
local names = { page[1] }
for i = 1, #page[2], 2 do names[#names + 1] = page[2][i] end
return names`
