/** Names below `localhost` are this machine (RFC 6761): nobody else may say where they lead. */
import dns from 'node:dns'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { accessToken, authorizedFetch } from 'discokit/auth'
import { afterEach, beforeEach, expect, test, vi } from 'vitest'

let server: Server
let port: number
const hosts: (string | undefined)[] = []
beforeEach(async () => {
  server = createServer((request, response) => {
    hosts.push(request.headers.host)
    response.end('{}')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  ;({ port } = server.address() as AddressInfo)
})
afterEach(() => {
  server.close()
  hosts.length = 0
  vi.restoreAllMocks()
})

test.each(['x.localhost', 'a.b.localhost', 'localhost', '127.0.0.1'])(
  '%s is this machine, and DNS is not asked for it',
  async (name) => {
    const lookup = vi.spyOn(dns, 'lookup')
    const address = `http://${name}:${port}/`
    const fetch = authorizedFetch(accessToken('t'), { allowedOrigins: [`http://${name}:${port}`] })
    expect((await fetch(address)).status).toBe(200)
    expect(hosts).toEqual([`${name}:${port}`])
    for (const [asked] of lookup.mock.calls) expect(asked).toBe('localhost')
  },
)

test.each(['localhost.example', 'xlocalhost', '127.0.0.1.example', '127.evil.example'])(
  '%s is not this machine',
  async (name) => {
    const allowedOrigins = [`http://${name}:${port}`]
    expect(() => authorizedFetch(accessToken('t'), { allowedOrigins })).toThrow('allowedOrigins')
    const fetch = authorizedFetch(accessToken('t'))
    await expect(fetch(`http://${name}:${port}/`)).rejects.toMatchObject({ reason: 'origin_not_allowed' })
  },
)
