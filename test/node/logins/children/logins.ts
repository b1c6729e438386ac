/**
 * Works on the logins of a folder, so that it can be one of many, or be killed meanwhile. Arguments: folder, what to do, and for that.
 * It says `ready` when it has started, and goes on when it is told something.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { once } from 'node:events'
import type { SavedLogin } from 'discokit/login'
import { type FileLoginStore, fileLoginStore } from 'discokit/node'
import type { Keyring } from '../../../../src/node/keychain.ts'
import { openLoginFiles } from '../../../../src/node/login-files.ts'
import { killAt } from './kill-at.ts'

type Counting = SavedLogin & { readonly count?: number }

const [folder = '', what = '', ...more] = process.argv.slice(2)
const store = fileLoginStore({ folder })
process.stdout.write('ready\n')
await once(process.stdin, 'data')
await TASKS()[what]!(...more)
process.exit()

function TASKS(): Record<string, (...more: string[]) => Promise<unknown>> {
  return {
    /** Counts up so many times, by compare-and-swap. */
    async count(account, times) {
      for (let done = 0; done < Number(times);) {
        const found = await store.get(account)
        const { count = 0 } = (found?.login ?? {}) as Counting
        if (await store.put(account, numbered(count + 1), found?.version)) done++
      }
    },
    /** Puts one number after the other, and says which it has put, until it is killed. */
    async write(account) {
      for (;;) {
        const found = await store.get(account)
        const { count = 0 } = (found?.login ?? {}) as Counting
        if (await store.put(account, numbered(count + 1), found?.version))
          process.stdout.write(`${count + 1}\n`)
      }
    },
    put: (account) => store.put(account, numbered(1), undefined),
    putByKeychain: (account, secrets) => withKeychain(secrets).put(account, numbered(1), undefined),
    /** Does one thing, and is killed in the middle. */
    async killed(account, doing, n) {
      const found = await store.get(account)
      const steps = await killAt(Number(n))
      if (doing === 'delete') await store.delete(account, found?.version)
      else await store.put(account, numbered(2), found?.version)
      process.stdout.write(`${steps()}\n`)
    },
  }
}

function numbered(count: number): Counting {
  return { refreshToken: `1//token-${count}`, count, padding: 'x'.repeat(5_000) } as Counting
}

/** A keychain of this machine, and a slow one: others come between. */
function withKeychain(secrets: string): FileLoginStore {
  const keyring: Keyring = {
    AsyncEntry: class {
      readonly #place: string
      constructor(_: string, id: string) {
        this.#place = `${secrets}/${id}`
      }
      async setPassword(text: string): Promise<void> {
        await new Promise((resolve) => setTimeout(resolve, 20))
        writeFileSync(this.#place, text)
      }
      async getPassword(): Promise<string | undefined> {
        await new Promise((resolve) => setTimeout(resolve, 20))
        return existsSync(this.#place) ? readFileSync(this.#place, 'utf8') : undefined
      }
    },
  }
  return openLoginFiles({ folder, given: undefined, keyring: async () => keyring })
}
