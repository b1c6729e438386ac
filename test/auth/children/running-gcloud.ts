/** Asks the program that it is given for a token, and exits or listens to signals as it is told. */
import { authorizedFetch, gcloudCli } from 'discokit/auth'

const [command = '', how] = process.argv.slice(2)
if (how === 'listens') process.once('SIGTERM', () => process.stdout.write('heard\n'))
if (how === 'exits') process.stdin.on('data', () => process.exit(3))
await authorizedFetch(gcloudCli({ command }))('https://storage.googleapis.com/').catch(() => {})
process.exit(4)
