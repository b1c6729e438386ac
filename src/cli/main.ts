#!/usr/bin/env node
import { stripVTControlCharacters } from 'node:util'
import { renderUsage, runCommand } from 'citty'
import { DiscokitError } from '../errors.ts'
import { VERSION } from '../version.ts'
import { commands } from './commands.ts'
import { checkFlags, UsageError } from './flags.ts'
import { tellFailure } from './output.ts'

const meta = { name: 'discokit', version: VERSION }

/** Exit codes: 0 done, 1 it failed, 2 the command line is wrong, 129, 130, 143 interrupted. */
async function run(argv: string[]): Promise<number> {
  const [name, ...rest] = argv
  if (name === '--version' || name === '-v') return print(VERSION)
  if (name === undefined || name === '--help' || name === '-h' || name === 'help') {
    return print(await usage(rest[0]))
  }
  if (rest.includes('--help') || rest.includes('-h')) return print(await usage(name))
  try {
    const command = Object.hasOwn(commands, name) ? commands[name] : undefined
    if (!command) throw new UsageError(`there is no command '${name}'`, Object.keys(commands), name)
    const loaded = await command.load()
    checkFlags(rest, loaded.args)
    const { result } = await runCommand(loaded, { rawArgs: rest })
    return typeof result === 'number' ? result : 0
  } catch (error) {
    return report(error, Object.hasOwn(commands, name) ? `${name} ` : '')
  }
}

async function usage(name: string | undefined): Promise<string> {
  if (name !== undefined && Object.hasOwn(commands, name))
    return renderUsage(await commands[name]!.load(), { meta })
  const width = Math.max(...Object.keys(commands).map((command) => command.length))
  const lines = Object.entries(commands).map(
    ([command, { description }]) => `  ${command.padEnd(width)}  ${description}`,
  )
  return `discokit ${VERSION}\n\nUsage: discokit <command> [options]\n\n${lines.join('\n')}\n\nOptions of a command: discokit <command> --help`
}

function print(text: string): number {
  // citty colours what it renders wherever it goes.
  process.stdout.write(`${process.stdout.isTTY ? text : stripVTControlCharacters(text)}\n`)
  return 0
}

/** One line for a failure that is ours to explain; everything for one that should not happen. */
function report(error: unknown, command: string): number {
  const expected = error instanceof DiscokitError || error instanceof UsageError
  const text = expected
    ? error.message + (error instanceof UsageError ? `; see discokit ${command}--help` : '')
    : error instanceof Error
      ? (error.stack ?? error.message)
      : String(error)
  tellFailure(text)
  return error instanceof UsageError ? 2 : 1
}

// What reads our output may have had enough of it.
process.stdout.on('error', (error: { code?: string }) => {
  if (error.code === 'EPIPE') process.exit()
  throw error
})
process.exitCode = await run(process.argv.slice(2))
