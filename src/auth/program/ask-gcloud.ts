import { AuthError } from '../../errors.ts'
import type { CredentialsContext } from '../../transport/credentials.ts'
import { readGcloudAnswer } from './gcloud-answer.ts'
import type { GcloudOptions } from '../gcloud-cli.ts'
import { saidByProgram } from './said-by-program.ts'
import type { AccessToken } from '../tokens/token-cache.ts'
import { machine, platform } from '#platform'

/**
 * Runs gcloud for a token; it asks no questions of its own. The options were checked.
 * @param wasRefused whether Google did not take the last token: gcloud would give the same again
 * @throws {AuthError} reason `gcloud`
 */
export async function askGcloud(
  options: GcloudOptions & { readonly timeoutMs: number },
  wasRefused: boolean,
  context: CredentialsContext,
): Promise<AccessToken> {
  const text = await run(options, wasRefused, context)
  return readGcloudAnswer(text, options.scopes ? 'token' : 'configuration', context.clock.now())
}

const MAX_ANSWER_BYTES = 1_048_576
/** Said of a program that is not there, or is none. */
const MISSING = /^(does not exist|may not be run|could not be started)/

/** What gcloud is told. Each value stands behind its name and an equals sign. */
function argumentsFor(
  { account, impersonateServiceAccount: robot, scopes }: GcloudOptions,
  wasRefused: boolean,
): string[] {
  return [
    ...(scopes
      ? // A token for other scopes is always a new one.
        ['auth', 'print-access-token', `--scopes=${scopes.join(',')}`]
      : ['config', 'config-helper', wasRefused ? '--force-auth-refresh' : '--min-expiry=300s']),
    '--format=json',
    ...(account === undefined ? [] : [`--account=${account}`]),
    ...(robot === undefined ? [] : [`--impersonate-service-account=${robot}`]),
  ]
}

async function run(
  options: GcloudOptions & { readonly timeoutMs: number },
  wasRefused: boolean,
  { call }: CredentialsContext,
): Promise<string> {
  const { command, timeoutMs } = options
  const args = argumentsFor(options, wasRefused)
  // On Windows it is a batch file, which only the command interpreter runs; no value has a character that it minds.
  const interpreter = command === undefined ? platform.environment('ComSpec') : undefined
  const [file, ...all] = interpreter
    ? [interpreter, '/d', '/c', 'gcloud', ...args]
    : [command ?? 'gcloud', ...args]
  const env = { CLOUDSDK_CORE_DISABLE_PROMPTS: '1' }
  const running = machine
    .runProgram(file, all, { env, timeoutMs, maxBytes: MAX_ANSWER_BYTES, call })
    .catch(({ message }: Error) => {
      const next = MISSING.test(message)
        ? 'install the Google Cloud CLI, or name it with the option command'
        : 'the option timeoutMs allows more time'
      throw failure(`${file} ${message}; ${next}`)
    })
  const { exitCode, stdout, stderr } = await call.wait(running, 'token')
  if (exitCode === 0) return stdout
  const said = /^ERROR: (?:\([\w.-]+\) )?(.+)$/m.exec(stderr)?.[1] ?? ''
  const why = said && `: ${saidByProgram(said, 300).replace(/\.$/, '')}`
  throw failure(`${file} gave no token (${exitCode ?? 'killed'})${why}. To log in: gcloud auth login`)
}

function failure(what: string): AuthError {
  return new AuthError(what, { reason: 'gcloud' })
}
