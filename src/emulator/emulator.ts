import type { RestDescription } from '../discovery/document.ts'
import { ValidationError } from '../errors.ts'
import type { HttpRequest, HttpResponse } from '../protocol/http.ts'
import { createApiKeys } from './api-keys.ts'
import { BATCH_METHOD_ID } from './batch.ts'
import { checkDocuments } from './check-documents.ts'
import { checkNames } from './check-names.ts'
import { createClock } from './clock.ts'
import { exchangeWithCors } from './cors.ts'
import type { Emulator, EmulatorOptions } from './emulator-interface.ts'
import { externalAccount } from './external-account.ts'
import { createFaults } from './faults.ts'
import { fetchHandler } from './fetch-handler.ts'
import { createIdentity } from './identity.ts'
import { inProcessTransport } from './in-process.ts'
import { createJournal } from './journal.ts'
import { type Listener, openPort } from './listening.ts'
import { isEndpointId } from './oauth-endpoints.ts'
import { personGrant } from './person-token.ts'
import { refreshTokenLifetimes } from './refresh-token-lifetimes.ts'
import { CONTENT_RANGE_GRANULARITY_BYTES } from './resumable/start.ts'
import { createRetryTests } from './retry-tests.ts'
import { createRouter } from './router.ts'
import { apiId } from './served-documents.ts'
import type { Service } from './service.ts'
import { services } from './services/index.ts'
import { answerAsPerson, answerDeviceAsPerson } from './sign-in/consent.ts'
import { starterDocuments } from './starter-documents.ts'
import { createState } from './state.ts'

/**
 * Makes an emulator. Nothing is opened before `listen()`; close it, or write `await using`, to remove spooled files.
 *
 * ```ts
 * await using emulator = await createEmulator()
 * const { url } = await emulator.listen()
 * ```
 */
export async function createEmulator(options: EmulatorOptions = {}): Promise<Emulator> {
  checkNames('createEmulator', options, OPTIONS)
  const { chunkGranularityBytes = CONTENT_RANGE_GRANULARITY_BYTES } = options
  checkGranularity(chunkGranularityBytes)
  checkDocuments(options.documents ?? [])
  const documents = mergeDocuments(await starterDocuments(), options.documents ?? [])
  const router = createRouter(documents)
  const clock = createClock(options.now)
  const identity = createIdentity(
    options.project ?? 'emulator-project',
    clock,
    refreshTokenLifetimes(options),
  )
  const { accounts, tokens, refreshTokens, impersonation } = identity
  const apiKeys = createApiKeys()
  const state = createState()
  const journal = createJournal()
  const knows = (id: string): boolean => isEndpointId(id) || id === BATCH_METHOD_ID || router.hasMethod(id)
  const faults = createFaults(knows)
  const retryTests = createRetryTests(knows)
  const keyUris = new Set([`${IN_PROCESS_URL}/token`])
  let listener: Listener | undefined

  const stations = {
    documents,
    router,
    clock,
    identity,
    state,
    faults,
    retryTests,
    services: modelled,
    chunkGranularityBytes,
    gate: { tokens, apiKeys, accounts, clock, anonymous: options.anonymous ?? false },
    record: journal.record,
    tokenUris: () => [...keyUris],
  }
  const handle = (request: HttpRequest): Promise<HttpResponse> => exchangeWithCors(stations, request)
  const url = (): string => listener?.url ?? IN_PROCESS_URL

  const told = { now: clock.now, advance: clock.advance }
  let closed = false
  const close = async (): Promise<void> => {
    closed = true
    clock.wake()
    await listener?.close()
    await state.close()
  }
  return {
    get url() {
      return url()
    },
    handle,
    fetch: fetchHandler(handle),
    listen: async (listenOptions = {}) => {
      checkNames('emulator.listen', listenOptions, ['port', 'host'])
      if (listener) throw new TypeError(`the emulator listens already, at ${listener.url}`)
      const opened = await openPort(handle, listenOptions)
      keyUris.add(`${opened.url}/token`)
      const closePort = async (): Promise<void> => {
        if (listener === current) listener = undefined
        await opened.close()
      }
      const current: Listener = { url: opened.url, port: opened.port, close: closePort }
      listener = current
      return current
    },
    connect: () =>
      listener
        ? { endpoint: url(), clock: told }
        : { endpoint: url(), clock: told, transport: inProcessTransport(handle, () => closed) },
    serviceAccountKey: async ({ email } = {}) => {
      const { key } = await accounts.open(email)
      return { ...key, token_uri: `${url()}/token` }
    },
    disableServiceAccount: (email) => {
      if (accounts.find(email)) return accounts.disable(email)
      throw new ValidationError('emulator.disableServiceAccount', [
        { path: 'email', message: `this emulator has made no service account '${email}'` },
      ])
    },
    allowImpersonation: impersonation.allow,
    hmacKey: async ({ email } = {}) => identity.hmacKeys.issue((await accounts.open(email)).email),
    apiKey: apiKeys.issue,
    accessToken: (tokenOptions = {}) => {
      const { email, scopes } = personGrant('emulator.accessToken', documents, tokenOptions)
      return tokens.issue({ email }, scopes)
    },
    authorizedUser: (userOptions = {}) => ({
      type: 'authorized_user',
      ...refreshTokens.issue(personGrant('emulator.authorizedUser', documents, userOptions)),
      token_uri: `${url()}/token`,
    }),
    externalAuthorizedUser: (userOptions = {}) => ({
      type: 'external_account_authorized_user',
      audience: WORKFORCE,
      ...refreshTokens.issue(personGrant('emulator.externalAuthorizedUser', documents, userOptions)),
      token_url: `${url()}/sts.googleapis.com/v1/oauthtoken`,
      token_info_url: `${url()}/sts.googleapis.com/v1/introspect`,
      universe_domain: 'googleapis.com',
    }),
    externalAccount: (accountOptions = {}) => externalAccount(identity, url(), accountOptions),
    user: identity.signIn.people.add,
    oauthClient: (clientOptions = {}) => {
      const { clientId, clientSecret } = identity.oauthClients.register(clientOptions)
      return { clientId, clientSecret }
    },
    consent: (asked, answer = {}) => answerAsPerson(identity, documents, asked, answer),
    deviceConsent: (userCode, answer = {}) => answerDeviceAsPerson(identity, userCode, answer),
    revokeTokens: tokens.revokeAll,
    revokeConsents: () => {
      refreshTokens.revokeAll()
      identity.signIn.consents.clear()
    },
    fail: faults.add,
    unusedFaults: faults.unmet,
    clock: told,
    journal,
    reset: () => {
      state.reset()
      faults.clear()
      retryTests.clear()
      journal.clear()
      clock.reset()
      accounts.enableAll()
    },
    close,
    [Symbol.asyncDispose]: close,
  }
}

/** The address of an emulator without a port. Names below `localhost` never leave a machine (RFC 6761). */
const IN_PROCESS_URL = 'http://emulator.localhost'

/** The provider of people that the files name. */
const WORKFORCE = '//iam.googleapis.com/locations/global/workforcePools/pool/providers/provider'

const OPTIONS = [
  'documents',
  'project',
  'anonymous',
  'now',
  'chunkGranularityBytes',
  'publishingStatus',
  'refreshTokenIdleMs',
]

function checkGranularity(bytes: number): void {
  if (Number.isSafeInteger(bytes) && bytes > 0) return
  throw new ValidationError('createEmulator', [
    { path: 'chunkGranularityBytes', message: `${bytes} is not a number of bytes` },
  ])
}

function mergeDocuments(
  starters: readonly RestDescription[],
  given: readonly RestDescription[],
): RestDescription[] {
  return [...new Map([...starters, ...given].map((document) => [apiId(document), document])).values()]
}

const modelled: ReadonlyMap<string, Service> = new Map(services.map((service) => [service.api, service]))
