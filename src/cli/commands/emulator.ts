import { defineCommand } from 'citty'
import type { AnyCommand } from '../commands.ts'
import { rm, writeFile } from 'node:fs/promises'
import { createClient } from 'discokit'
import type { RestDescription } from '../../discovery/document.ts'
import { createEmulator, type Emulator } from '../../emulator/index.ts'
import { ValidationError } from '../../errors.ts'
import { checkValues, UsageError } from '../flags.ts'

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
    documents: {
      type: 'string',
      description: 'Also serve the APIs of the discovery documents (*.json) in here',
      valueHint: 'folder',
    },
    project: { type: 'string', description: 'The project of its accounts', default: 'emulator-project' },
    anonymous: { type: 'boolean', description: 'Also answer calls without a credential' },
  },
  async run({ args }) {
    checkValues(args, ['port', 'key', 'bucket', 'documents', 'project'])
    const port = /^\d+$/.test(args.port) ? Number(args.port) : Infinity
    if (port > 65_535) throw new UsageError(`'${args.port}' is not a port`)
    const [extra] = args._
    if (extra !== undefined) throw new UsageError(`discokit emulator takes no '${extra}'`)
    // First of all, so that nothing stays behind when a signal comes while things are made.
    const ended = untilSignal()
    const documents = await documentsIn(args.documents)
    const { project, anonymous = false } = args
    const emulator = await createEmulator({ project, anonymous, documents })
    let keyFile: string | undefined
    try {
      const { url } = await emulator.listen({ port })
      if (args.bucket !== undefined) await makeBucket(emulator, args.project, args.bucket)
      if (args.key !== undefined) {
        await writeKey(args.key, await emulator.serviceAccountKey())
        keyFile = args.key
      }
      console.log(`The emulator answers at ${url} (this machine only; Ctrl-C ends it)\n`)
      console.log(`  discokit              DISCOKIT_EMULATOR=${url}`)
      const hint = args.anonymous ? '' : ' (needs --anonymous)'
      console.log(`  @google-cloud/storage STORAGE_EMULATOR_HOST=${url}${hint}`)
      // Worth nothing but to this emulator.
      console.log(`  a person, for an hour GOOGLE_ACCESS_TOKEN=${emulator.accessToken()}`)
      console.log(`  an API key            GOOGLE_API_KEY=${emulator.apiKey()}`)
      const { clientId, clientSecret } = emulator.oauthClient({ type: 'desktop' })
      console.log(`  a desktop client      CLIENT_ID=${clientId} CLIENT_SECRET=${clientSecret}`)
      if (args.bucket !== undefined) console.log(`  bucket                ${args.bucket}`)
      if (documents.length > 0)
        console.log(`  documents             ${documents.length} of ${args.documents}`)
      console.log(
        keyFile === undefined
          ? '  key file              start it with --key emulator-key.json to get one'
          : `  key file              ${keyFile} (is removed when the emulator ends)`,
      )
      await ended
    } finally {
      await emulator.close()
      // No other emulator takes it.
      if (keyFile !== undefined) await rm(keyFile, { force: true })
    }
  },
})

function untilSignal(): Promise<void> {
  return new Promise((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.once(signal, () => resolve())
  })
}

async function documentsIn(folder: string | undefined): Promise<readonly RestDescription[]> {
  if (folder === undefined) return []
  const { readDocuments } = await import('../../node/documents.ts')
  return readDocuments(folder)
}

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
