import type { Credentials, CredentialsContext } from '../transport/credentials.ts'

/**
 * A credential that has to be got first: a file is read, a module loaded. It is looked for at the first call, once however
 * many wait, and again after a failure.
 */
export function lateCredentials(
  kind: string,
  find: (context: CredentialsContext) => Promise<Credentials>,
): Credentials {
  let found: Credentials | undefined
  let finding: Promise<Credentials> | undefined

  async function once(context: CredentialsContext): Promise<Credentials> {
    const search = (finding ??= find(context))
    const again = (): void => void (finding === search && (finding = undefined))
    const forget = context.call.onEnd(again) // what did not come in time may come later
    try {
      return (found = await search)
    } finally {
      again()
      forget()
    }
  }

  return {
    kind,
    headers: (target, context) =>
      found
        ? found.headers(target, context)
        : once(context).then((credentials) => credentials.headers(target, context)),
    refused: (headers) => found?.refused?.(headers) ?? false,
  }
}
