import type { ArgsDef } from 'citty'
import { nearestName } from '../request/nearest-name.ts'

/** The command line is not one that we take. */
export class UsageError extends Error {
  override name = 'UsageError'
  constructor(what: string, known: readonly string[] = [], given = '') {
    const nearest = nearestName(given, known)
    super(`${what}${nearest === undefined ? '' : ` (did you mean '${nearest}'?)`}`)
  }
}

/**
 * Refuses options that a command does not have, those given twice, and those that others follow in place of a value: none must be passed over.
 * @throws {UsageError}
 */
export function checkFlags(argv: readonly string[], args: unknown): void {
  const known = Object.entries((args ?? {}) as ArgsDef).filter(([, { type }]) => type !== 'positional')
  const names = known.flatMap(([name, arg]) => [name, ...aliases(arg)])
  const given = new Set<string>()
  for (const [i, word] of argv.entries()) {
    if (word === '--') return
    if (!word.startsWith('-') || word === '-') continue
    const name = word.replace(/^--?(no-)?/, '').split('=', 1)[0]!
    if (given.has(name)) throw new UsageError(`${dashed(name)} is given twice`)
    given.add(name)
    if (!names.includes(name))
      throw new UsageError(`there is no option '${word.split('=', 1)[0]!}'`, names.map(dashed), dashed(name))
    // An option is no value, unless it is written so: --account=--all
    const takesValue =
      !word.includes('=') && known.some(([long, { type }]) => long === name && type === 'string')
    if (takesValue && /^-./.test(argv[i + 1] ?? '')) throw new UsageError(`${dashed(name)} needs a value`)
  }
}

/**
 * Refuses options that are given without a value: an empty name would be taken for none.
 * @throws {UsageError}
 */
export function checkValues(args: Readonly<Record<string, unknown>>, names: readonly string[]): void {
  for (const name of names) {
    const value = args[name]
    if (value !== undefined && (typeof value !== 'string' || value.trim() === ''))
      throw new UsageError(`${dashed(name)} needs a value`)
  }
}

function aliases(arg: ArgsDef[string]): string[] {
  return 'alias' in arg && arg.alias !== undefined ? [arg.alias].flat() : []
}

function dashed(name: string): string {
  return name.length === 1 ? `-${name}` : `--${name}`
}
