import { AuthError } from '../../errors.ts'
import { CallContext } from '../../transport/call-context.ts'
import type { Credentials, CredentialsContext } from '../../transport/credentials.ts'
import type { Transport } from '../../transport/transport.ts'

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
    grantedScopes: async (context) => (found ??= await find(context)).grantedScopes?.(context),
  }
}

/**
 * Looks for something once, however many ask at the same time or later; again after a failure. The search has a time of its
 * own, a minute, and whoever waits for it waits no longer than their own call. One that was begun through a client that is closed
 * meanwhile is begun anew through one's own.
 */
export function late<Found>(
  find: (context: CredentialsContext) => Promise<Found>,
): (context: CredentialsContext) => Promise<Found> {
  let search: Search<Found> | undefined
  const begin = (context: CredentialsContext): Search<Found> => {
    const { transport, clock } = context
    const call = new CallContext({ id: 'the search for credentials', timeout: SEARCH_TIMEOUT_MS, clock })
    const found = call.wait(find({ ...context, call }), 'token').finally(() => call.finish())
    const begun = { transport, found }
    found.catch(() => {
      if (search === begun) search = undefined
    })
    return begun
  }
  return async function wait(context): Promise<Found> {
    const own = (search ??= begin(context))
    try {
      return await context.call.wait(own.found, 'token')
    } catch (error) {
      const closed = error instanceof AuthError && error.reason === 'CLOSED'
      if (!closed || own.transport === context.transport) throw error
      return wait(context)
    }
  }
}

/** A search under way, or one that has found. */
interface Search<Found> {
  readonly found: Promise<Found>
  /** Through what others are asked. */
  readonly transport: Transport
}

const SEARCH_TIMEOUT_MS = 60_000
