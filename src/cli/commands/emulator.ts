import { defineCommand } from 'citty'
import type { AnyCommand } from '../commands.ts'
import { writeFile } from 'node:fs/promises'
import { createClient } from '../../client.ts'
import { createEmulator, type Emulator } from '../../emulator/index.ts'
import { ValidationError } from '../../errors.ts'
import { UsageError } from '../flags.ts'

/** `discokit emulator`: the emulator on a port, until it is interrupted. */
const command: AnyCommand = defineCommand({
  meta: { name: 'emulator', description: "Runs Google's APIs on a port of this machine, until Ctrl-C" },
  args: {
    port: {
      type: 'string',
      description: 'The port; 0 for any free one',
      default: '9090',
      valueHint: 'number',
    },
    key: { type: 'string', description: 'Write the key file of a service account here', valueHint: 'file' },
    bucket: { type: 'string', description: 'Make this bucket at the start', valueHint: 'name' },
    project: { type: 'string', description: 'The project of its accounts', default: 'emulator-project' },
    anonymous: { type: 'boolean', description: 'Also answer calls without a credential' },
  },
  async run({ args }) {
    const port = Number(args.port)
    if (!Number.isInteger(port) || port < 0 || port > 65_535)
      throw new UsageError(`'${args.port}' is not a port`)
    const emulator = await createEmulator({ project: args.project, anonymous: args.anonymous ?? false })
    try {
      const { url } = await emulator.listen({ port })
      console.log(`The emulator answers at ${url} (this machine only; Ctrl-C ends it)\n`)
      console.log(`  discokit              DISCOKIT_EMULATOR=${url}`)
      console.log(
        `  @google-cloud/storage STORAGE_EMULATOR_HOST=${url}${args.anonymous ? '' : ' (needs --anonymous)'}`,
      )
      if (args.bucket !== undefined) {
        await makeBucket(emulator, args.project, args.bucket)
        console.log(`  bucket                ${args.bucket}`)
      }
      if (args.key !== undefined) {
        await writeKey(args.key, await emulator.serviceAccountKey())
        console.log(`  key file              ${args.key} (works with this run of the emulator)`)
      } else {
        console.log(`  key file              start it with --key emulator-key.json to get one`)
      }
      await new Promise<void>((resolve) => {
        process.once('SIGINT', resolve)
        process.once('SIGTERM', resolve)
      })
    } finally {
      await emulator.close()
    }
  },
})

async function makeBucket(emulator: Emulator, project: string, name: string): Promise<void> {
  const google = createClient({ ...emulator.connect(), auth: emulator.serviceAccount() })
  const storage = await google.discover('storage:v1')
  await storage['buckets'].insert({ project, body: { name } })
  await google.close()
}

/** Writes a key file that only its owner may read, and never over another file. */
async function writeKey(path: string, key: object): Promise<void> {
  try {
    await writeFile(path, `${JSON.stringify(key, null, 2)}\n`, { mode: 0o600, flag: 'wx' })
  } catch (error) {
    const code = (error as { code?: string }).code
    const message = `${path} ${code === 'EEXIST' ? 'exists already' : `cannot be written (${code})`}`
    throw new ValidationError('the key was not written', [{ path: '--key', message }])
  }
}

export default command
