import { defineCommand } from 'citty'
import type { AnyCommand } from '../commands.ts'
import { readFile, rm } from 'node:fs/promises'
import { serviceAccount } from '../../auth/service-account.ts'
import { parseServiceAccountKey } from '../../auth/account/service-account-key.ts'
import { isContent } from '../../auth/account/service-account-options.ts'
import { createClient } from 'discokit'
import { createEmulator } from '../../emulator/index.ts'
import { nodeTransport } from '../../platform/node/http-transport.ts'
import type { Transport } from '../../transport/transport.ts'
import { findFiles, makeRandomFile, makeTemporaryFolder } from '../demo/local-files.ts'
import { roundTrip } from '../demo/round-trip.ts'
import { checkValues, UsageError } from '../flags.ts'
import { createSteps, type Steps } from '../output.ts'

const DEFAULT_BYTES = 64 * 1_048_576
/** What ends the demo early, and with which code: 128 and the signal's number, as shells have it. */
const EXIT_CODES: Partial<Record<NodeJS.Signals, number>> = { SIGHUP: 129, SIGINT: 130, SIGTERM: 143 }

/** `discokit demo`: the main job, step by step. */
const command: AnyCommand = defineCommand({
  meta: {
    name: 'demo',
    description:
      'Uploads, lists and downloads files and compares the bytes; with a key through Google, else through the emulator',
  },
  args: {
    path: {
      type: 'positional',
      description: 'Files and folders to move; default: 64 MiB of random bytes',
      required: false,
    },
    key: {
      type: 'string',
      description: "A service account's key file: use Google instead of the emulator",
      valueHint: 'file',
    },
    bucket: {
      type: 'string',
      description: 'The bucket to use; it is made when it does not exist',
      valueHint: 'name',
    },
  },
  async run({ args }): Promise<number> {
    checkValues(args, ['key', 'bucket'])
    if (args.key !== undefined && args.bucket === undefined) {
      throw new UsageError('--key needs --bucket: the name of a bucket is yours to choose')
    }
    const interrupted = new AbortController()
    let exitCode = 0
    const onSignal = (signal: NodeJS.Signals): void => {
      exitCode = EXIT_CODES[signal] ?? 1
      interrupted.abort(new DOMException('interrupted', 'AbortError'))
    }
    for (const signal of Object.keys(EXIT_CODES)) process.once(signal, onSignal)
    const folder = await makeTemporaryFolder()
    const steps = createSteps(process.stdout)
    let place: Place | undefined
    try {
      const paths = args._
      const files =
        paths.length === 0 ? [await makeRandomFile(folder, DEFAULT_BYTES)] : await findFiles(paths)
      place = await (args.key === undefined ? openEmulator(steps) : openGoogle(args.key))
      const transport = nodeTransport()
      const google = createClient({
        ...(place.endpoint !== undefined && { endpoint: place.endpoint }),
        auth: serviceAccount({
          key: place.key,
          scopes: ['https://www.googleapis.com/auth/devstorage.full_control'],
        }),
        transport: announceToken(transport, steps),
      })
      const { project, bucket = 'discokit-demo' } = { project: place.project, bucket: args.bucket }
      await roundTrip({ google, project, bucket, files, folder, steps, signal: interrupted.signal })
      await transport.close()
      steps.line(
        `\n${files.length === 1 ? 'The file' : `All ${files.length} files`} went up and came back, byte for byte.`,
      )
      return 0
    } catch (error) {
      if (interrupted.signal.aborted) return exitCode
      throw error
    } finally {
      await place?.close()
      await rm(folder, { recursive: true, force: true })
      for (const signal of Object.keys(EXIT_CODES)) process.off(signal, onSignal)
    }
  },
})

export default command

/** Where the demo runs: the only thing that differs between the emulator and Google. */
interface Place {
  readonly endpoint: string | undefined
  readonly key: object
  readonly project: string
  close(): Promise<void>
}

async function openEmulator(steps: Steps): Promise<Place> {
  const emulator = await createEmulator()
  const { url } = await emulator.listen()
  steps.line(`No key given: this is the embedded emulator, at ${url}\n`)
  const key = await emulator.serviceAccountKey()
  steps.done('key made', key.client_email)
  return { endpoint: url, key, project: key.project_id, close: () => emulator.close() }
}

async function openGoogle(keyFile: string): Promise<Place> {
  if (isContent(keyFile))
    throw new UsageError('--key-file holds content where the path of a key file belongs')
  const text = await readFile(keyFile, 'utf8').catch((error: { code?: string }) => {
    throw new UsageError(`the key file ${keyFile} cannot be read (${error.code ?? 'unknown'})`)
  })
  const key = parseServiceAccountKey(text, `the key file ${keyFile}`)
  return { endpoint: undefined, key, project: key.project_id ?? '', close: async () => {} }
}

/** Tells when a token was obtained: the answer to a request that carried an assertion. */
function announceToken(transport: Transport, steps: Steps): Transport {
  return async (request, context) => {
    const response = await transport(request, context)
    const exchange = typeof request.body === 'string' && request.body.includes('jwt-bearer')
    if (exchange && response.status === 200) steps.done('token obtained', `from ${new URL(request.url).host}`)
    return response
  }
}
