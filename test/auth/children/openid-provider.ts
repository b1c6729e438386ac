/** A provider of OpenID Connect on a port of this machine: prints its address, and ends with whoever reads that. */
import { OAuth2Server } from 'oauth2-mock-server'

const server = new OAuth2Server()
await server.issuer.keys.generate('RS256')
await server.issuer.keys.generate('ES256')
await server.start(0, '127.0.0.1')
process.stdout.write(server.issuer.url!)
process.stdin.on('end', () => process.exit()).resume()
