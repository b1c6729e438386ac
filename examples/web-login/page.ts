/** The one page. It says that somebody is signed in and what may be done, and has no token and no claim in it. */
export function page(signedIn: boolean, notes: readonly string[] = []): string {
  const form = (action: string, label: string): string =>
    `<form method="post" action="${action}"><button>${label}</button></form>`
  const content = signedIn
    ? `<p>You are signed in.</p>${form('/notes', 'Save a note to Drive')}${form('/logout', 'Sign out')}
<ul>${notes.map((name) => `<li>${escape(name)}</li>`).join('')}</ul>`
    : '<p><a href="/login">Sign in with Google</a></p>'
  return `<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Notes</title>
<style>body { font: 1rem/1.5 system-ui; margin: 2rem auto; max-width: 30rem; padding: 0 1rem }
button, a { font: inherit; padding: .5rem 1rem }</style>
<h1>Notes</h1>
${content}
</html>
`
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.codePointAt(0)};`)
}
