/** What a browser is shown, whatever came: it says nothing of the request, and loads nothing. */
export interface AnswerPage {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly body: string
}

/** The page at the end of a login, also of one that was refused: the terminal says which it was. */
export const ANSWERED_PAGE: AnswerPage = page(
  200,
  'You can close this page',
  'discokit has the answer. It goes on in the terminal.',
)

/** Of another address than that of the login. */
export const NOT_FOUND_PAGE: AnswerPage = page(404, 'Nothing is here', 'A login waits at another address.')

/** Of a request that is no answer to this login. */
export const NO_ANSWER_PAGE: AnswerPage = page(
  400,
  'This is no answer to the login',
  'The terminal shows the address to open.',
)

function page(status: number, title: string, text: string): AnswerPage {
  const body = `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>
:root { color-scheme: light dark; --back: #f4f6fa; --card: #fff; --text: #1d2129; --soft: #545c69 }
@media (prefers-color-scheme: dark) { :root { --back: #14171c; --card: #1e232b; --text: #eceff4; --soft: #b1b9c6 } }
* { box-sizing: border-box }
body { margin: 0; padding: 1rem; min-height: 100vh; display: grid; place-items: center; background: var(--back); color: var(--text); font: 1rem/1.5 system-ui, sans-serif }
main { width: 100%; max-width: 28rem; padding: 1.5rem; background: var(--card); border-radius: .75rem; box-shadow: 0 1px 4px #0003 }
h1 { margin: 0 0 .5rem; font-size: 1.375rem; line-height: 1.25 }
p { margin: 0; color: var(--soft) }
</style>
<main>
<h1>${title}</h1>
<p>${text}</p>
</main>
</html>
`
  return {
    status,
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'content-length': String(Buffer.byteLength(body)),
      'content-security-policy':
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'",
      'cache-control': 'no-store',
      'referrer-policy': 'no-referrer',
      'x-content-type-options': 'nosniff',
      connection: 'close',
    },
    body,
  }
}
