import type { LoginStore } from '../../auth/user/login-store.ts'
import { ValidationError } from '../../errors.ts'
import { checkOptionNames } from '../../request/option-names.ts'
import { atomicChecks } from './atomic-checks.ts'
import { basicChecks } from './basic-checks.ts'
import { durableChecks } from './durable-checks.ts'

/** What is to be tried. */
export interface LoginStoreLevel {
  /**
   * `basic`: it gives what was put, whatever that is and whatever the account is called. `atomic`: also that nobody comes between
   * looking and putting, when many put at once. `durable`: also that another object for the same place has what the first put there;
   * a store that says that it is not atomic is not held against that. Default `atomic`.
   */
  readonly level?: 'basic' | 'atomic' | 'durable' | undefined
}

/** Notes what does not hold. */
export type Expect = (isTrue: boolean, problem: string) => void

/**
 * Holds a store against what {@link LoginStore} says of it: gives what is wrong with it, or nothing. Any store can be tried, by whatever
 * runs tests, in a place of its own. The accounts that it makes there it deletes again.
 *
 * ```ts
 * import { memoryLoginStore, problemsOfLoginStore } from 'discokit/login'
 *
 * const store = memoryLoginStore()
 * console.log(await problemsOfLoginStore(() => store, { level: 'atomic' })) // []
 * ```
 *
 * @param open gives an object for the store: for one and the same place each time
 * @throws {ValidationError} for a level that does not exist.
 */
export async function problemsOfLoginStore(
  open: () => LoginStore | Promise<LoginStore>,
  options: LoginStoreLevel = {},
): Promise<string[]> {
  const what = 'the store cannot be tried'
  checkOptionNames(what, options, ['level'])
  const { level = 'atomic' } = options
  if (!Object.hasOwn(CHECKS, level))
    throw new ValidationError(what, [
      { path: 'level', message: `must be one of ${Object.keys(CHECKS).join(', ')}` },
    ])
  const store = await open()
  const problems = new Set<string>()
  const expect: Expect = (isTrue, problem) => void (isTrue || problems.add(problem))
  expect(typeof store.atomic === 'boolean', 'it does not say whether it is atomic')
  expect(store.atomic || level !== 'atomic', 'it says that it is not atomic')
  for (const check of CHECKS[level]) {
    if (check === atomicChecks && level === 'durable' && !store.atomic) continue
    await check(store, expect, open).catch((error: unknown) => problems.add(`it throws: ${String(error)}`))
  }
  return [...problems]
}

const CHECKS = {
  basic: [basicChecks],
  atomic: [basicChecks, atomicChecks],
  durable: [basicChecks, atomicChecks, durableChecks],
}
