/** The recipe of docs/login.md for Node's own server and those on it, over a real connection. */
import { createEmulator } from 'discokit/emulator'
import { createSecret, oauthClient, webLogin } from 'discokit/login'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { programsOf } from '../examples/pages.ts'

interface Recipe {
  toRequest(request: IncomingMessage, site: string): Request
  send(answer: Response, response: ServerResponse): Promise<void>
}

/** The recipe as the page has it. */
async function readRecipe(): Promise<Recipe> {
  const programs = programsOf('docs/login.md', await readFile('docs/login.md', 'utf8'))
  const { code } = programs.find((program) => program.code.includes('function toRequest'))!
  const folder = await mkdtemp(join(tmpdir(), 'recipe-'))
  try {
    await writeFile(join(folder, 'recipe.ts'), code)
    return (await import(/* @vite-ignore */ join(folder, 'recipe.ts'))) as Recipe
  } finally {
    await rm(folder, { recursive: true })
  }
}

test("Node's own server signs a person in", async () => {
  const { toRequest, send } = await readRecipe()
  await using emulator = await createEmulator()
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const site = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  const redirectUri = `${site}/back`
  const { clientId, clientSecret } = emulator.oauthClient({ redirectUris: [redirectUri] })
  const { transport, clock } = emulator.connect()
  const client = oauthClient({
    clientId,
    clientSecret,
    redirectUri,
    scopes: ['openid', 'email'],
    transport,
    clock,
  })
  const login = webLogin({ client, secret: createSecret(), returnTo: '/notes' })
  const signedIn: string[] = []
  server.on('request', (request, response) => {
    const handle = async (): Promise<void> => {
      const asked = toRequest(request, site)
      if (request.url === '/login') return send(await login.start(asked), response)
      const { response: answer, user } = await login.finish(asked)
      if (user) signedIn.push(String(user.claims.email))
      return send(answer, response)
    }
    void handle()
  })
  try {
    const started = await fetch(`${site}/login`, { redirect: 'manual' })
    const cookie = started.headers.getSetCookie()[0]!.split(';')[0]!
    const back = emulator.consent(started.headers.get('location')!, { email: 'ada@example.com' })
    const finished = await fetch(back, { redirect: 'manual', headers: { cookie } })
    expect([finished.status, finished.headers.get('location'), signedIn]).toEqual([
      303,
      '/notes',
      ['ada@example.com'],
    ])
    expect(finished.headers.getSetCookie()[0]).toContain('Max-Age=0')
  } finally {
    server.closeAllConnections()
    server.close()
  }
})
