import type { HttpResponse } from '../../protocol/http.ts'
import type { Clock } from '../clock.ts'
import { type FormRequest, formField, readForm } from '../form.ts'
import { answerGrant, GrantFailure } from '../grant-failure.ts'
import type { Identity } from '../identity.ts'
import type { ClientGrant } from '../refresh-tokens.ts'
import { answerPage, showConsent, type SignInPages } from './authorize.ts'
import { DEVICE_INTERVAL_SECONDS, DEVICE_LIFETIME_SECONDS } from './devices.ts'
import { escapeHtml, htmlPage } from './html.ts'
import { isIdentityScope, readScopes } from './scopes.ts'

/** Answers `POST /device/code` (RFC 8628 section 3.1), with the names that Google gives to what it tells. */
export function answerDeviceCode(
  { signIn, oauthClients }: Identity,
  request: FormRequest,
  verificationUrl: string,
): Promise<HttpResponse> {
  return answerGrant(async () => {
    const fields = await readForm(request)
    const client = oauthClients.find(formField(fields, 'client_id'))
    if (!client) throw new GrantFailure('invalid_client', 'The OAuth client was not found.', 401)
    if (client.type !== 'device')
      throw new GrantFailure('invalid_client', 'Only clients of the type device may ask for such codes.', 401)
    const scopes = readScopes(formField(fields, 'scope'))
    const others = scopes.filter((scope) => !isIdentityScope(scope) && !OF_DEVICES.includes(scope))
    if (scopes.length === 0 || others.length > 0)
      throw new GrantFailure('invalid_scope', `Devices may not ask for: ${others.join(' ')}`)
    const { deviceCode, userCode } = signIn.devices.begin(client, scopes)
    return {
      device_code: deviceCode,
      user_code: userCode,
      expires_in: DEVICE_LIFETIME_SECONDS,
      interval: DEVICE_INTERVAL_SECONDS,
      verification_url: verificationUrl,
    }
  })
}

/** The scopes that Google lets devices ask for, besides who somebody is. */
const OF_DEVICES = [
  'https://www.googleapis.com/auth/drive.appdata',
  'https://www.googleapis.com/auth/drive.file',
  'https://www.googleapis.com/auth/youtube',
  'https://www.googleapis.com/auth/youtube.readonly',
]

/**
 * What somebody granted to a device that asks for it (RFC 8628 section 3.5).
 * @throws {GrantFailure} with Google's statuses while there is nothing to give
 */
export function deviceGrant(
  { signIn }: Pick<Identity, 'signIn'>,
  clock: Clock,
  clientId: string,
  deviceCode: string,
): ClientGrant {
  const device = signIn.devices.byDeviceCode(deviceCode)
  if (!device || device.client.clientId !== clientId || device.outcome === 'used')
    throw new GrantFailure('invalid_grant', 'The device code is none, or was used.')
  const now = clock.now()
  if (device.expiresAt <= now) throw new GrantFailure('expired_token', 'The device code has expired.')
  const { askedAt = -Infinity, outcome } = device
  device.askedAt = now
  if (outcome === 'denied') throw new GrantFailure('access_denied', 'The person refused.', 403)
  if (now - askedAt < device.intervalMs) {
    device.intervalMs += DEVICE_INTERVAL_SECONDS * 1000
    throw new GrantFailure('slow_down', 'The device asks too often.', 403)
  }
  if (outcome === undefined)
    throw new GrantFailure('authorization_pending', 'The person has not answered yet.', 428)
  device.outcome = 'used'
  return outcome
}

/** Answers the page on which people type the code that their device shows. */
export function answerDevicePage(
  { identity: { signIn }, documents }: SignInPages,
  request: FormRequest,
): Promise<HttpResponse> {
  return answerPage(async () => {
    const fields = request.method === 'POST' ? await readForm(request) : undefined
    const browser = signIn.browsers.recognise(request.headers)
    if (fields) signIn.devicePages.take(browser, fields.get('token') ?? '')
    const userCode = fields?.get('user_code') ?? ''
    const device = fields && signIn.devices.byUserCode(userCode)
    if (device) return showConsent(signIn, documents, browser, device, signIn.people.all())
    const token = signIn.devicePages.show(browser, true)
    const problem = fields ? `<p role="alert">No device shows ${escapeHtml(userCode)} any more.</p>` : ''
    return htmlPage(
      'Connect a device',
      `${problem}<form method="post" action="device">
<input type="hidden" name="token" value="${escapeHtml(token)}">
<fieldset>
<legend><label for="code">The code that it shows</label></legend>
<input type="text" id="code" name="user_code" required maxlength="20" autocomplete="off" autocapitalize="characters" spellcheck="false" autofocus>
</fieldset>
<div class="buttons"><button>Continue</button></div>
</form>`,
      200,
      browser.headers,
    )
  })
}
