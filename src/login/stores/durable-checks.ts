import type { LoginStore } from '../../auth/user/login-store.ts'
import { together } from './atomic-checks.ts'
import { newAccount, newLogin } from './basic-checks.ts'
import type { Expect } from './problems-of-login-store.ts'
import { isSameJson } from './same-json.ts'

/** What holds for stores that outlive a program: another object for the place has what the first put there. */
export async function durableChecks(
  first: LoginStore,
  expect: Expect,
  open: () => LoginStore | Promise<LoginStore>,
): Promise<void> {
  const account = newAccount()
  await first.put(account, newLogin(1), undefined)
  const second = await open()
  const [before, seen] = [await first.get(account), await second.get(account)]
  expect(isSameJson(seen?.login, newLogin(1)), 'opened again, it has not what was put')
  expect(seen?.version === before?.version, 'opened again, it gives another version')
  expect((await second.accounts()).includes(account), 'opened again, it does not name an account')

  expect(
    await second.put(account, newLogin(2), before?.version),
    'opened again, it does not put over its version',
  )
  const after = await first.get(account)
  expect(isSameJson(after?.login, newLogin(2)), 'it does not see what was put through another object')
  expect(after?.version !== before?.version, 'it gives what was put through another object an old version')
  expect(await second.delete(account, after?.version), 'opened again, it does not delete')
  expect((await first.get(account)) === undefined, 'it has what was deleted through another object')

  const third = await open()
  await third.put(account, newLogin(3), undefined)
  const version = (await third.get(account))?.version
  expect(
    version !== before?.version && version !== after?.version,
    'opened again, it gives an old version again',
  )
  await third.delete(account)
  if (first.atomic) await together([first, second, third], expect)
}
