import type { RestDescription } from '../../discovery/document.ts'
import { ValidationError } from '../../errors.ts'
import { parseAddress } from '../address.ts'
import { checkNames } from '../check-names.ts'
import { GrantFailure } from '../grant-failure.ts'
import type { Identity } from '../identity.ts'
import { readAuthorizationRequest, RefusedRequest } from './authorization-request.ts'
import { decideDevice } from './authorize.ts'
import { consentAddress, covers, denialAddress, refusalAddress, unasked } from './decide.ts'
import type { Person } from './people.ts'
import { readScopes } from './scopes.ts'

/** How somebody answers who is asked for consent. */
export interface ConsentAnswer {
  /** Whose account; made on first need. Default: the one that the request hints at, else the first. */
  readonly email?: string
  /** What is granted of what was asked for. Default: all. */
  readonly scopes?: readonly string[]
  /** Default false: it is allowed. */
  readonly deny?: boolean
}

/**
 * Answers a request for consent as somebody in a browser would, who has signed in there where the client was granted something.
 * @param url of the page
 * @returns the address that the browser is sent to
 * @throws {ValidationError} where the page says what is wrong, as there is no address that the answer may go to
 */
export function answerAsPerson(
  { signIn, oauthClients }: Identity,
  documents: readonly RestDescription[],
  url: string,
  answer: ConsentAnswer,
): string {
  const what = 'emulator.consent'
  checkNames(what, answer, NAMES)
  try {
    const asked = readAuthorizationRequest(parseAddress(url).query, oauthClients, documents)
    if (answer.deny) return denialAddress(asked)
    const person = personOf(signIn.people, answer.email ?? asked.loginHint)
    if (asked.prompts.has('none')) {
      const before = signIn.consents.of(asked.client.clientId, person.email)
      if (!covers(before, asked.scopes)) throw unasked(asked, before.scopes.size > 0)
    }
    return consentAddress(signIn, asked, person, granted(answer, asked.scopes))
  } catch (error) {
    if (error instanceof RefusedRequest) return refusalAddress(error)
    if (!(error instanceof GrantFailure)) throw error
    throw new ValidationError(what, [
      { path: 'url', message: `the page says ${error.error}: ${error.message}` },
    ])
  }
}

/**
 * Answers for a device as somebody in a browser would.
 * @param userCode what the device shows
 * @throws {ValidationError} where no device waits with that code
 */
export function answerDeviceAsPerson({ signIn }: Identity, userCode: string, answer: ConsentAnswer): void {
  const what = 'emulator.deviceConsent'
  checkNames(what, answer, NAMES)
  const device = signIn.devices.byUserCode(userCode)
  if (!device) throw new ValidationError(what, [{ path: 'userCode', message: 'no device waits with it' }])
  const person = answer.deny ? undefined : personOf(signIn.people, answer.email)
  decideDevice(signIn, device, person, granted(answer, device.scopes))
}

const NAMES = ['email', 'scopes', 'deny']

function personOf(people: Identity['signIn']['people'], hint: string | undefined): Person {
  const known = people.all().find(({ email, sub }) => email === hint || sub === hint)
  return known ?? (hint?.includes('@') ? people.open(hint) : people.all()[0]!)
}

function granted({ scopes }: ConsentAnswer, asked: readonly string[]): readonly string[] {
  return scopes ? readScopes(scopes.join(' ')) : asked
}
