import { defineCommand } from 'citty'
import { adc, bearerToken, type SearchStep } from 'discokit/auth'
import type { AnyCommand } from '../commands.ts'
import { checkValues, UsageError } from '../flags.ts'
import { plainText } from '../output.ts'

/** `discokit auth why` and `discokit auth token`: what the place says who the program is. */
const command: AnyCommand = defineCommand({
  meta: {
    name: 'auth',
    description:
      'Tells where a credential was looked for and what was found (why), or prints a token of it (token)',
  },
  args: {
    action: { type: 'positional', description: 'why or token', required: false },
    scopes: {
      type: 'string',
      description: 'What the token may do, with commas between',
      valueHint: 'scopes',
    },
    audience: { type: 'string', description: 'An ID token for this service instead', valueHint: 'address' },
  },
  async run({ args }): Promise<number> {
    checkValues(args, ['scopes', 'audience'])
    const [action, extra] = args._
    const run = action !== undefined && Object.hasOwn(ACTIONS, action) ? ACTIONS[action] : undefined
    if (!run) {
      const what = action === undefined ? 'discokit auth needs what to do' : `there is no 'auth ${action}'`
      throw new UsageError(`${what}: ${Object.keys(ACTIONS).join(' or ')}`, Object.keys(ACTIONS), action)
    }
    if (extra !== undefined) throw new UsageError(`discokit auth ${action} takes no '${extra}'`)
    return run(args)
  },
})

export default command

interface Given {
  readonly scopes?: string | undefined
  readonly audience?: string | undefined
}

const ACTIONS: Readonly<Record<string, (given: Given) => Promise<number>>> = { why, token }

/** Each step of the search, and the project. Fails where there is nothing to use. */
async function why({ scopes, audience }: Given): Promise<number> {
  if ((scopes ?? audience) !== undefined) throw new UsageError('discokit auth why takes no options')
  const credentials = adc()
  const steps = await credentials.why()
  const isFound = steps.some(({ outcome }) => outcome === 'found')
  const project = isFound
    ? await credentials.projectId().catch((error: Error) => `unknown (${error.message})`)
    : undefined
  for (const step of steps) process.stdout.write(`${plainText(lineOf(step))}\n`)
  if (isFound) process.stdout.write(`\nproject: ${plainText(project ?? 'none')}\n`)
  else process.stderr.write(`discokit: ${advice(steps)}\n`)
  return isFound ? 0 : 1
}

/** The token alone, for `curl -H "Authorization: Bearer $(discokit auth token)"`. */
async function token({ scopes, audience }: Given): Promise<number> {
  if (scopes !== undefined && audience !== undefined)
    throw new UsageError('an ID token, for an --audience, has no --scopes')
  const list = scopes?.split(/[\s,]+/).filter((scope) => scope !== '')
  const found = adc({ scopes: list })
  const credentials = audience === undefined ? found : found.idToken(audience)
  process.stdout.write(`${await bearerToken(credentials, { scopes: list ?? [CLOUD_PLATFORM] })}\n`)
  return 0
}

function lineOf({ place, outcome, detail }: SearchStep): string {
  return `${place.padEnd(WIDTH)} ${outcome.padEnd(13)} ${detail}`.trimEnd()
}

function advice(steps: readonly SearchStep[]): string {
  return steps.some(({ outcome }) => outcome === 'unusable')
    ? 'what was found cannot be used'
    : 'there is no credential; set GOOGLE_APPLICATION_CREDENTIALS to a key file, or run gcloud auth application-default login. (What discokit login saves is for programs that name savedAccount())'
}

const WIDTH = 'GOOGLE_APPLICATION_CREDENTIALS'.length
const CLOUD_PLATFORM = 'https://www.googleapis.com/auth/cloud-platform'
