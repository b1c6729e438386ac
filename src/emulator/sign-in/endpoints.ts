import type { Address } from '../address.ts'
import { jsonAnswer } from '../answers.ts'
import { isOfGoogle } from '../listening.ts'
import type { Endpoint } from '../oauth-endpoints.ts'
import { MAY_BE_KEPT } from '../public-keys.ts'
import { answerAuthorization, answerConsent } from './authorize.ts'
import { answerDeviceCode, answerDevicePage } from './device-endpoint.ts'
import { openIdConfiguration } from './openid-configuration.ts'
import { answerUserInfo } from './user-info.ts'

const ACCOUNTS = 'accounts.google.com'

/** What people are shown, what leads to it, and who they are. */
export const SIGN_IN_ENDPOINTS: readonly Endpoint[] = [
  {
    host: ACCOUNTS,
    path: /^\/o\/oauth2\/(v2\/)?auth$/,
    methodId: 'oauth2.auth',
    isPage: true,
    answer: ({ address, request, body, ...pages }) =>
      answerAuthorization(pages, { ...request, body }, address.query),
  },
  {
    host: ACCOUNTS,
    path: /^\/o\/oauth2\/(v2\/)?consent$/,
    isPage: true,
    answer: ({ request, body, ...pages }) => answerConsent(pages, { ...request, body }),
  },
  {
    host: ACCOUNTS,
    path: /^\/\.well-known\/openid-configuration$/,
    httpMethod: 'GET',
    methodId: 'openid.configuration',
    answer: ({ address }) => jsonAnswer(openIdConfiguration(hostsAt(address)), 200, MAY_BE_KEPT),
  },
  {
    host: 'oauth2.googleapis.com',
    path: /^\/device\/code$/,
    httpMethod: 'POST',
    methodId: 'oauth2.deviceCode',
    answer: ({ identity, address, request, body }) =>
      answerDeviceCode(identity, { ...request, body }, `${hostsAt(address)('www.google.com')}/device`),
  },
  {
    host: 'www.google.com',
    path: /^\/device$/,
    isPage: true,
    answer: ({ request, body, ...pages }) => answerDevicePage(pages, { ...request, body }),
  },
  {
    host: 'www.google.com',
    path: /^\/device\/consent$/,
    isPage: true,
    answer: ({ request, body, ...pages }) => answerConsent(pages, { ...request, body }),
  },
  userInfo('openidconnect.googleapis.com', /^\/v1\/userinfo$/),
  userInfo('www.googleapis.com', /^\/oauth2\/v3\/userinfo$/),
]

/** Where Google's hosts are for whoever asked: under their own names, or below the emulator's address. */
function hostsAt({ host, origin }: Address): (name: string) => string {
  return (name) => (isOfGoogle(host) ? `https://${name}` : `${origin}/${name}`)
}

function userInfo(host: string, path: RegExp): Endpoint {
  return {
    host,
    path,
    methodId: 'openid.userinfo',
    answer: ({ identity, request }) => answerUserInfo(identity, request.headers.authorization),
  }
}
