import { checkAccount } from '../../auth/user/account-name.ts'
import type { LoginStore } from '../../auth/user/login-store.ts'
import { type Problem, ValidationError } from '../../errors.ts'
import { checkOptionNames } from '../../request/option-names.ts'
import { loginText, readLogin } from './stored-login.ts'

/** A table of logins, and what asks the database. */
export interface SqlLoginStoreOptions {
  /**
   * Runs one statement with values for `$1`, `$2`, …, on its own, not inside a transaction of others: the function `query` of a
   * pool or a client of `pg` does.
   */
  readonly query: SqlQuery
  /** A name of lower-case letters, digits and `_`, also behind that of a schema and a dot. Default `discokit_logins`. */
  readonly table?: string | undefined
}

/** Runs one statement. `rowCount` is how many rows it changed. */
export type SqlQuery = (
  text: string,
  values: string[],
) => Promise<{ readonly rows: readonly unknown[]; readonly rowCount?: number | null }>

/** A store in a table. */
export interface SqlLoginStore extends LoginStore {
  /** Makes the table where there is none yet. */
  createTable(): Promise<void>
}

/**
 * A store in a table of PostgreSQL, or of another database with its statements. Each row has a version, so the store is atomic
 * for all programs that have the same database. What `query` throws, calls throw.
 *
 * ```ts
 * import { sqlLoginStore, type SqlQuery } from 'discokit/login'
 *
 * declare const pool: { query: SqlQuery } // new Pool() of pg
 * const store = sqlLoginStore({ query: (text, values) => pool.query(text, values), table: 'logins' })
 * await store.createTable()
 * ```
 *
 * @throws {ValidationError} for options that cannot be used.
 */
export function sqlLoginStore(options: SqlLoginStoreOptions): SqlLoginStore {
  const { query, table } = readOptions(options)
  const run: SqlQuery = (text, values) => untilSerialized(() => query(text, values))
  const changed = async (text: string, values: string[]): Promise<boolean> =>
    (await run(text, values)).rowCount === 1

  return {
    atomic: true,
    async createTable() {
      const columns = 'account varchar(200) primary key, version varchar(36) not null, login text not null'
      try {
        await query(`create table if not exists ${table} (${columns})`, [])
      } catch (error) {
        // Two at once may both find none: the second fails then, and the table is there.
        await query(`select 1 from ${table} where false`, []).catch(() => Promise.reject(error))
      }
    },
    async get(account) {
      checkAccount(account, ASKED)
      const { rows } = await run(`select version, login from ${table} where account = $1`, [account])
      const { version, login } = Object(rows[0]) as Readonly<Record<string, unknown>>
      return typeof version === 'string' ? { login: readLogin(login), version } : undefined
    },
    async put(account, login, ifVersion) {
      checkAccount(account, ASKED)
      const values = [account, crypto.randomUUID(), loginText(login)]
      return ifVersion === undefined
        ? changed(
            `insert into ${table} (account, version, login) values ($1, $2, $3) on conflict (account) do nothing`,
            values,
          )
        : changed(`update ${table} set version = $2, login = $3 where account = $1 and version = $4`, [
            ...values,
            ifVersion,
          ])
    },
    async delete(account, ifVersion) {
      checkAccount(account, ASKED)
      return ifVersion === undefined
        ? changed(`delete from ${table} where account = $1`, [account])
        : changed(`delete from ${table} where account = $1 and version = $2`, [account, ifVersion])
    },
    async accounts() {
      const { rows } = await run(`select account from ${table}`, [])
      return (rows as { account: string }[]).map(({ account }) => account)
    },
  }
}

const ASKED = 'the store of logins cannot be asked'

/** The table as it stands in statements. */
function readOptions(options: SqlLoginStoreOptions): { query: SqlQuery; table: string } {
  const what = 'the store of logins cannot be made'
  checkOptionNames(what, options, ['query', 'table'])
  const { query, table = 'discokit_logins' } = options
  const problems: Problem[] = []
  if (typeof query !== 'function') problems.push({ path: 'query', message: 'must be a function' })
  if (typeof table !== 'string' || !/^([a-z_][a-z\d_]{0,62}\.)?[a-z_][a-z\d_]{0,62}$/.test(table))
    problems.push({ path: 'table', message: "must be a name such as 'logins' or 'my_schema.logins'" })
  if (problems.length > 0) throw new ValidationError(what, problems)
  return { query, table: table.replace(/[^.]+/g, '"$&"') }
}

/** Where transactions are serializable, one that others came between fails, has changed nothing, and is begun anew. */
async function untilSerialized<Result>(query: () => Promise<Result>): Promise<Result> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await query()
    } catch (error) {
      if ((error as { code?: unknown } | null)?.code !== SERIALIZATION_FAILURE || attempt === MAX_ATTEMPTS)
        throw error
    }
  }
}

const SERIALIZATION_FAILURE = '40001'
const MAX_ATTEMPTS = 10
