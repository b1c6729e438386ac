import { readFileSync, writeFileSync, mkdirSync } from 'node:fs'
import { join } from 'node:path'
import type { LoginStore, SavedLogin } from 'discokit/auth'

/** Where the logins of this user are kept, and what a person is told of it. */
export interface LoginPlace {
  readonly store: LoginStore
  /** Where OAuth clients are kept. */
  readonly clients: LoginStore
  readonly folder: string
  readonly key: string
}

export async function openLoginPlace(): Promise<LoginPlace> {
  const folder = process.env['DISCOKIT_CONFIG'] ?? '/tmp/nowhere'
  return { store: standIn(folder, 'logins'), clients: standIn(folder, 'clients'), folder, key: 'nothing' }
}

// STAND-IN
function standIn(folder: string, name: string): LoginStore {
  const file = join(folder, `${name}.json`)
  const read = (): Record<string, { login: SavedLogin; version: string }> => {
    try {
      return JSON.parse(readFileSync(file, 'utf8'))
    } catch {
      return {}
    }
  }
  const write = (all: object) => {
    mkdirSync(folder, { recursive: true })
    writeFileSync(file, JSON.stringify(all))
  }
  return {
    atomic: true,
    get: async (account) => read()[account],
    async put(account, login, ifVersion) {
      const all = read()
      if (all[account]?.version !== ifVersion) return false
      all[account] = { login, version: String(Math.random()) }
      write(all)
      return true
    },
    async delete(account, ifVersion) {
      const all = read()
      if (!all[account] || (ifVersion !== undefined && all[account].version !== ifVersion)) return false
      delete all[account]
      write(all)
      return true
    },
    accounts: async () => Object.keys(read()),
  }
}
