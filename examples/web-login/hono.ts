import { Hono } from 'hono'
import { saveNote } from './notes.ts'
import { page } from './page.ts'
import type { WebApp } from './web-app.ts'

/** Hono has the web's request as `context.req.raw`. */
export function honoApp(app: WebApp): Hono {
  const { login, sessions } = app
  const hono = new Hono()
  hono.get('/', ({ req, html }) => html(page(sessions.accountOf(req.header('cookie')) !== undefined)))
  hono.get('/login', ({ req }) => login.start(req.raw, { accessType: 'offline' }))
  hono.get('/back', async ({ req }) => {
    const { response, user, error } = await login.finish(req.raw)
    if (error) console.error(error.message)
    if (user) response.headers.append('set-cookie', sessions.begin(user.sub))
    return response
  })
  hono.post('/notes', async ({ req, redirect }) => {
    const account = sessions.accountOf(req.header('cookie'))
    return account === undefined ? redirect('/login', 303) : saveNote(app, account, req.raw)
  })
  hono.post('/logout', ({ req, redirect, header }) => {
    header('set-cookie', sessions.end(req.header('cookie')))
    return redirect('/', 303)
  })
  return hono
}
