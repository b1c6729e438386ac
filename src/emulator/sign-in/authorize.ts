import type { RestDescription } from '../../discovery/document.ts'
import type { HttpHeaders, HttpResponse } from '../../protocol/http.ts'
import { emptyAnswer } from '../answers.ts'
import { readForm, type FormRequest } from '../form.ts'
import { GrantFailure } from '../grant-failure.ts'
import type { Identity } from '../identity.ts'
import { isAddress } from '../impersonation.ts'
import {
  type AuthorizationRequest,
  readAuthorizationRequest,
  RefusedRequest,
} from './authorization-request.ts'
import type { Browser } from './browsers.ts'
import { consentPage, deviceDonePage, errorPage } from './consent-page.ts'
import {
  consentAddress,
  covers,
  denialAddress,
  grantedOf,
  recordConsent,
  refusalAddress,
  unasked,
} from './decide.ts'
import type { DeviceRequest } from './devices.ts'
import type { Person } from './people.ts'
import type { SignIn } from './sign-in.ts'

/** What the pages need to know. */
export interface SignInPages {
  readonly identity: Identity
  readonly documents: readonly RestDescription[]
}

/** Answers a request for consent: with a page or, where nothing needs to be asked, at once. */
export async function answerAuthorization(
  { identity: { signIn, oauthClients }, documents }: SignInPages,
  request: FormRequest,
  query: URLSearchParams,
): Promise<HttpResponse> {
  return answerPage(async () => {
    const fields = request.method === 'POST' ? await readForm(request) : query
    const asked = readAuthorizationRequest(fields, oauthClients, documents)
    const browser = signIn.browsers.recognise(request.headers)
    const people = candidates(signIn, asked)
    const signedIn = people.filter(({ email }) => browser.emails.has(email))
    const [person] = signedIn
    const isAlone = person !== undefined && signedIn.length === 1
    const isKnown = isAlone && covers(signIn.consents.of(asked.client.clientId, person.email), asked.scopes)
    if (isKnown && !asked.prompts.has('consent') && !asked.prompts.has('select_account'))
      return redirect(consentAddress(signIn, asked, person, asked.scopes), browser)
    if (asked.prompts.has('none')) throw unasked(asked, person !== undefined)
    return showConsent(signIn, documents, browser, asked, people)
  })
}

/** Answers the form of the page of consent. */
export async function answerConsent(
  { identity: { signIn } }: SignInPages,
  request: FormRequest,
): Promise<HttpResponse> {
  return answerPage(async () => {
    const fields = await readForm(request)
    const browser = signIn.browsers.recognise(request.headers)
    const asked = signIn.pages.take(browser, fields.get('token') ?? '')
    const isAllowed = fields.get('decision') === 'allow'
    const granted = fields.getAll('scope')
    const person = isAllowed ? chosenPerson(signIn, fields) : undefined
    if (person) browser.emails.add(person.email)
    if ('deviceCode' in asked) {
      decideDevice(signIn, asked, person, granted)
      return deviceDonePage(asked, person !== undefined, browser.headers)
    }
    return redirect(person ? consentAddress(signIn, asked, person, granted) : denialAddress(asked), browser)
  })
}

/** Shows the page of consent, for a code or for a device. */
export function showConsent(
  signIn: SignIn,
  documents: readonly RestDescription[],
  browser: Browser,
  subject: AuthorizationRequest | DeviceRequest,
  people: readonly Person[],
): HttpResponse {
  const token = signIn.pages.show(browser, subject)
  return consentPage({ token, subject, people, documents }, browser.headers)
}

/** Settles what a device waits for; without a person, that it was refused. */
export function decideDevice(
  signIn: Pick<SignIn, 'consents'>,
  device: DeviceRequest,
  person: Person | undefined,
  granted: readonly string[],
): void {
  const scopes = grantedOf(device.scopes, granted)
  if (device.outcome !== undefined) return
  device.outcome =
    person && scopes.length > 0 ? recordConsent(signIn, device.client, person, scopes, true) : 'denied'
}

/** What a page answers, or why there is none. */
export async function answerPage(give: () => Promise<HttpResponse>): Promise<HttpResponse> {
  try {
    return await give()
  } catch (error) {
    if (error instanceof RefusedRequest) return redirect(refusalAddress(error))
    if (error instanceof GrantFailure) return errorPage(error.error, error.message, error.status)
    throw error
  }
}

function redirect(location: string, browser?: Pick<Browser, 'headers'>): HttpResponse {
  const headers: HttpHeaders = { 'cache-control': 'no-store', 'referrer-policy': 'no-referrer' }
  // 303 makes a GET of whatever was sent.
  return emptyAnswer(303, { ...headers, ...browser?.headers, location })
}

/** The accounts that a request may be for, the one that it hints at first. */
function candidates({ people }: SignIn, { loginHint, hostedDomain }: AuthorizationRequest): Person[] {
  const all = people
    .all()
    .filter(
      (person) =>
        hostedDomain === undefined ||
        (hostedDomain === '*' ? person.hostedDomain !== undefined : person.hostedDomain === hostedDomain),
    )
  const hinted = all.filter(({ email, sub }) => loginHint === email || loginHint === sub)
  if (hinted.length > 0) return hinted
  // Nobody has signed in with that address yet.
  const isNew = loginHint !== undefined && isAddress(loginHint) && hostedDomain === undefined
  return isNew ? [people.find(loginHint), ...all] : all
}

/** @throws {GrantFailure} where nobody was chosen */
function chosenPerson({ people }: SignIn, fields: URLSearchParams): Person {
  const email = (fields.get('other') ?? '').trim() || (fields.get('email') ?? '')
  if (!isAddress(email)) throw new GrantFailure('invalid_request', 'Choose an account.')
  return people.open(email)
}
