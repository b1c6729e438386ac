import type { RestDescription } from '../../discovery/document.ts'
import type { HttpHeaders, HttpResponse } from '../../protocol/http.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import type { DeviceRequest } from './devices.ts'
import { escapeHtml, htmlPage } from './html.ts'
import type { Person } from './people.ts'
import { describeScope, isIdentityScope } from './scopes.ts'

/** What the page of consent shows. */
export interface ConsentView {
  /** What the form proves with that it is this page's. */
  readonly token: string
  readonly subject: AuthorizationRequest | DeviceRequest
  readonly people: readonly Person[]
  readonly documents: readonly RestDescription[]
}

/** The page on which people choose an account, and what the client may do. */
export function consentPage(
  { token, subject, people, documents }: ConsentView,
  headers: HttpHeaders,
): HttpResponse {
  const isDevice = 'deviceCode' in subject
  const { client, scopes } = subject
  const accounts = people.map((person, i) => account(person, i === 0))
  return htmlPage(
    `${client.name} asks for access`,
    `<form method="post" action="${isDevice ? 'device/consent' : 'consent'}">
<input type="hidden" name="token" value="${escapeHtml(token)}">
<fieldset>
<legend>Your account</legend>
${accounts.join('\n')}
<label><input type="radio" name="email" value=""${accounts.length === 0 ? ' checked' : ''}> <span>Another account</span></label>
<input type="email" name="other" placeholder="name@example.com" aria-label="Address of another account" autocomplete="off">
</fieldset>
<fieldset>
<legend>What it may do</legend>
${scopes.map((scope) => permission(scope, documents)).join('\n')}
</fieldset>
<p><small>${isDevice ? `For the device that shows ${escapeHtml(subject.userCode)}` : `The answer goes to ${escapeHtml(subject.redirectUri)}`}</small></p>
<div class="buttons">
<button name="decision" value="allow">Allow</button>
<button name="decision" value="deny">Cancel</button>
</div>
</form>`,
    200,
    headers,
  )
}

/** What a device's owner reads at the end. */
export function deviceDonePage(
  { client }: DeviceRequest,
  isAllowed: boolean,
  headers: HttpHeaders,
): HttpResponse {
  const name = escapeHtml(client.name)
  return isAllowed
    ? htmlPage('Done', `<p>${name} goes on by itself. You can close this page.</p>`, 200, headers)
    : htmlPage('Refused', `<p>${name} gets no access. You can close this page.</p>`, 200, headers)
}

/** What people read where no answer may be sent to the client. */
export function errorPage(error: string, description: string, status: number): HttpResponse {
  return htmlPage(
    'Access blocked',
    `<p>${escapeHtml(description)}</p>\n<p><code>Error ${status}: ${escapeHtml(error)}</code></p>`,
    status,
  )
}

function account({ email, name, hostedDomain }: Person, isFirst: boolean): string {
  const details = [name === undefined ? undefined : email, hostedDomain && `of ${hostedDomain}`].filter(
    (text) => text !== undefined,
  )
  const second = details.length > 0 ? `<small>${escapeHtml(details.join(', '))}</small>` : ''
  return `<label><input type="radio" name="email" value="${escapeHtml(email)}"${isFirst ? ' checked' : ''}> <span>${escapeHtml(name ?? email)}${second}</span></label>`
}

/** Who somebody is comes with everything else, so it cannot be taken out. */
function permission(scope: string, documents: readonly RestDescription[]): string {
  const words = describeScope(scope, documents)
  return `<label><input type="checkbox" name="scope" value="${escapeHtml(scope)}" checked${isIdentityScope(scope) ? ' disabled' : ''}> <span>${escapeHtml(words)}<small>${escapeHtml(scope)}</small></span></label>`
}
