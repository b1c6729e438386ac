import { createClient } from 'discokit'
import { userCredentials } from 'discokit/auth'
import type { WebApp } from './web-app.ts'

/**
 * Saves a note to somebody's Drive. Where they have not consented to that yet, they are asked now, for this one scope more, and
 * press the button again when they are back.
 * @returns where the browser goes
 */
export async function saveNote(app: WebApp, account: string, request: Request): Promise<Response> {
  const { client, store, google, login } = app
  const auth = userCredentials({ client, store, account })
  const drive = await createClient({ ...google, auth }).discover('drive:v3')
  const may = await drive.files.create.$can()
  if (may.ok === false)
    return login.start(request, {
      scopes: [may.missingScope],
      includeGrantedScopes: true,
      accessType: 'offline',
    })
  await drive.files.create({ body: { name: 'A note', mimeType: 'text/plain' }, media: 'Buy milk' })
  return new Response(null, { status: 303, headers: { location: '/' } })
}
