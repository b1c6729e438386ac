import { defineCommand } from 'citty'
import type { AnyCommand } from '../commands.ts'
import { writeFile } from 'node:fs/promises'
import { createEmulator } from '../../emulator/index.ts'
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
      if (args.key !== undefined) {
        await writeFile(args.key, JSON.stringify(await emulator.serviceAccountKey(), null, 2), {
          mode: 0o600,
          flag: 'wx',
        })
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

export default command
