import type { HttpHeaders, HttpResponse } from '../../protocol/http.ts'
import { textAnswer } from '../answers.ts'

/**
 * A page of the emulator's. No other page may frame it, and nothing in it runs or is loaded.
 * @param main HTML, what callers chose in it escaped
 */
export function htmlPage(
  title: string,
  main: string,
  status: number = 200,
  headers: HttpHeaders = {},
): HttpResponse {
  return textAnswer(
    `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escapeHtml(title)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<p class="where">discokit emulator: no real account is involved</p>
<h1>${escapeHtml(title)}</h1>
${main}
</main>
</body>
</html>
`,
    status,
    { ...PAGE_HEADERS, ...headers },
  )
}

/** A text in HTML, also in an attribute in double quotes. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}

/** `form-action` is left out: browsers hold it against the address that an answer is sent on to. */
const PAGE_HEADERS: HttpHeaders = {
  'content-type': 'text/html; charset=UTF-8',
  'cache-control': 'no-store',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; frame-ancestors 'none'",
  'x-frame-options': 'DENY',
  'x-content-type-options': 'nosniff',
  // The origin stays, as browsers send `Origin: null` with forms otherwise.
  'referrer-policy': 'same-origin',
}

const STYLE = `
:root { color-scheme: light dark; --back: #f4f6fa; --card: #fff; --text: #1d2129; --soft: #545c69; --line: #8b94a3; --accent: #1a56c4; --on: #fff }
@media (prefers-color-scheme: dark) { :root { --back: #14171c; --card: #1e232b; --text: #eceff4; --soft: #b1b9c6; --line: #79828f; --accent: #8db4ff; --on: #0b1c3d } }
* { box-sizing: border-box }
body { margin: 0; padding: 1rem; min-height: 100vh; display: grid; place-items: center; background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 28rem; padding: 1.5rem; background: var(--card); border-radius: .75rem; box-shadow: 0 1px 4px #0003; overflow-wrap: anywhere }
h1 { margin: 0 0 1rem; font-size: 1.375rem; line-height: 1.25 }
.where, small { color: var(--soft); font-size: .875rem }
.where { margin: 0 0 .75rem }
fieldset { margin: 0 0 1.25rem; padding: 0; border: 0 }
legend { padding: 0 0 .25rem; font-weight: 600 }
label { display: flex; gap: .75rem; align-items: center; min-height: 2.75rem; padding: .25rem 0 }
label span { flex: 1; min-width: 0 }
label small { display: block }
input[type=radio], input[type=checkbox] { flex: none; width: 1.25rem; height: 1.25rem; margin: 0; accent-color: var(--accent) }
input[type=email], input[type=text] { width: 100%; min-height: 2.75rem; padding: .5rem .75rem; border: 1px solid var(--line); border-radius: .5rem; background: transparent; color: inherit; font: inherit }
::placeholder { color: var(--soft); opacity: 1 }
input[name=user_code] { font: 1.5rem/1.5 ui-monospace, monospace; letter-spacing: .1em; text-transform: uppercase }
.buttons { display: flex; flex-wrap: wrap; gap: .75rem }
button { min-height: 2.75rem; padding: .5rem 1.5rem; border: 1px solid var(--accent); border-radius: 1.5rem; background: transparent; color: var(--accent); font: inherit; font-weight: 600; cursor: pointer }
button[value=allow], button:only-child { background: var(--accent); color: var(--on) }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px }
code { font: .875rem/1.5 ui-monospace, monospace }
`
