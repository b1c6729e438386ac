import { defineCommand } from 'citty'
import type { AnyCommand } from '../commands.ts'
import { rm } from 'node:fs/promises'
import { createClient } from 'discokit'
import type { RestDescription } from '../../discovery/document.ts'
import { createEmulator, type Emulator } from '../../emulator/index.ts'
import type { OauthClientKey } from '../../emulator/sign-in/oauth-clients.ts'
import { checkValues, UsageError } from '../flags.ts'
import { inShell } from '../in-shell.ts'
import { writeSecretFile } from '../write-secret-file.ts'

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
    client: {
      type: 'string',
      description: 'Write an OAuth client for discokit login here',
      valueHint: 'file',
    },
    user: {
      type: 'string',
      description: 'People who can sign in, with commas between',
      valueHint: 'addresses',
    },
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
    checkValues(args, ['port', 'key', 'client', 'user', 'bucket', 'documents', 'project'])
    const port = /^\d+$/.test(args.port) ? Number(args.port) : Infinity
    if (port > 65_535) throw new UsageError(`'${args.port}' is not a port`)
    const [extra] = args._
    if (extra !== undefined) throw new UsageError(`discokit emulator takes no '${extra}'`)
    // First of all, so that nothing stays behind when a signal comes while things are made.
    const ended = untilSignal()
    const documents = await documentsIn(args.documents)
    const { project, anonymous = false } = args
    const emulator = await createEmulator({ project, anonymous, documents })
    const written: string[] = []
    const writeNew = async (path: string, content: object, option: string): Promise<void> => {
      await writeSecretFile(path, content, option)
      written.push(path)
    }
    try {
      const people = args.user?.split(',').map((email: string) => email.trim()) ?? []
      for (const email of people) emulator.user({ email })
      const { url } = await emulator.listen({ port })
      if (args.bucket !== undefined) await makeBucket(emulator, args.project, args.bucket)
      const client = emulator.oauthClient({ type: 'desktop', name: 'discokit' })
      if (args.key !== undefined) await writeNew(args.key, await emulator.serviceAccountKey(), '--key')
      if (args.client !== undefined) await writeNew(args.client, clientFile(client, project, url), '--client')
      console.log(`The emulator answers at ${url} (this machine only; Ctrl-C ends it)\n`)
      console.log(`  discokit              DISCOKIT_EMULATOR=${url}`)
      const hint = args.anonymous ? '' : ' (needs --anonymous)'
      console.log(`  @google-cloud/storage STORAGE_EMULATOR_HOST=${url}${hint}`)
      // Worth nothing but to this emulator.
      console.log(`  a person, for an hour GOOGLE_ACCESS_TOKEN=${emulator.accessToken()}`)
      console.log(`  an API key            GOOGLE_API_KEY=${emulator.apiKey()}`)
      console.log(`  a desktop client      CLIENT_ID=${client.clientId} CLIENT_SECRET=${client.clientSecret}`)
      if (args.bucket !== undefined) console.log(`  bucket                ${args.bucket}`)
      if (documents.length > 0)
        console.log(`  documents             ${documents.length} of ${args.documents}`)
      if (people.length > 0) console.log(`  people                ${people.join(', ')}`)
      if (args.client !== undefined) {
        console.log(`  OAuth client          ${args.client} (is removed when the emulator ends)`)
        const login = `npx discokit login --client ${inShell(args.client)}`
        console.log(`  to log in             DISCOKIT_EMULATOR=${url} ${login}`)
      }
      console.log(
        args.key === undefined
          ? '  key file              start it with --key emulator-key.json to get one'
          : `  key file              ${args.key} (is removed when the emulator ends)`,
      )
      await ended
    } finally {
      await emulator.close()
      // No other emulator takes it.
      for (const path of written) await rm(path, { force: true })
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

/** The file of a desktop client, as Google's console gives it for download. */
function clientFile({ clientId, clientSecret }: OauthClientKey, projectId: string, url: string): object {
  return {
    installed: {
      client_id: clientId,
      project_id: projectId,
      auth_uri: `${url}/accounts.google.com/o/oauth2/auth`,
      token_uri: `${url}/oauth2.googleapis.com/token`,
      client_secret: clientSecret,
      redirect_uris: ['http://localhost'],
    },
  }
}

export default command
