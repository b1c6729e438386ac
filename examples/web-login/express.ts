import express, { type Express } from 'express'
import { send, toRequest } from './node-http.ts'
import { saveNote } from './notes.ts'
import { page } from './page.ts'
import type { WebApp } from './web-app.ts'

/** Express has requests and responses of Node's. */
export function expressApp(app: WebApp): Express {
  const { login, sessions, site } = app
  const server = express()
  server.get('/', ({ headers }, response) => {
    response.type('html').send(page(sessions.accountOf(headers.cookie) !== undefined))
  })
  server.get('/login', async (request, response) => {
    await send(await login.start(toRequest(request, site), { accessType: 'offline' }), response)
  })
  server.get('/back', async (request, response) => {
    const { response: answer, user, error } = await login.finish(toRequest(request, site))
    if (error) console.error(error.message)
    if (user) response.append('set-cookie', sessions.begin(user.sub))
    await send(answer, response)
  })
  server.post('/notes', async (request, response) => {
    const account = sessions.accountOf(request.headers.cookie)
    if (account === undefined) response.redirect(303, '/login')
    else await send(await saveNote(app, account, toRequest(request, site)), response)
  })
  server.post('/logout', ({ headers }, response) => {
    response.append('set-cookie', sessions.end(headers.cookie)).redirect(303, '/')
  })
  return server
}
