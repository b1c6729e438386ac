import type { Credentials, CredentialsContext } from '../../transport/credentials.ts'

/** A credential that has to be looked for first, at the first call. */
export function lateCredentials(
  kind: string,
  find: (context: CredentialsContext) => Promise<Credentials>,
): Credentials {
  let found: Credentials | undefined
  return {
    kind,
    headers: (target, context) =>
      found
        ? found.headers(target, context)
        : find(context).then((credentials) => (found = credentials).headers(target, context)),
    refused: (headers) => found?.refused?.(headers) ?? false,
    endsAt: (target) => found?.endsAt?.(target),
  }
}

/** Looks for something once, however many ask at the same time or later; again after a failure. */
export function late<Found>(
  find: (context: CredentialsContext) => Promise<Found>,
): (context: CredentialsContext) => Promise<Found> {
  let finding: Promise<Found> | undefined
  let isFound = false
  return async (context) => {
    const search = (finding ??= find(context))
    const again = (): void => {
      if (finding === search && !isFound) finding = undefined
    }
    search.then(() => (isFound = true), again)
    const forget = context.call.onEnd(again) // what did not come in time may come later
    try {
      return await search
    } finally {
      forget()
    }
  }
}
