import { createClient, type RestDescription } from 'discokit'
import { methodPaths } from '../../discovery/method-paths.ts'
import { narrowestScopes, type ScopedMethod } from '../../scopes/narrowest-scope.ts'
import { isMeant } from '../../scopes/scope-rank.ts'
import { UsageError } from '../flags.ts'

/** What the command line says of what a login is for. */
export interface AskedFor {
  readonly scopes: readonly string[]
  /** Methods, such as `drive.files.list` or `drive:v3.files.list`. */
  readonly methods: readonly string[]
  readonly openid: boolean
}

/**
 * The scopes to ask for: those that were granted before, those that were named, and of each method the narrowest, unless one that is
 * there already lets it be called. Who the person is where nothing else is asked for.
 * @throws {UsageError} for a method that there is not, or a scope that can be none (RFC 6749 section 3.3).
 */
export async function scopesToAsk(
  { scopes, methods, openid }: AskedFor,
  granted: readonly string[],
): Promise<readonly string[]> {
  const wrong = scopes.find((scope) => !/^[\x21\x23-\x5b\x5d-\x7e]+$/.test(scope))
  if (wrong !== undefined) throw new UsageError(`'${wrong}' is no scope`)
  const all = new Set(granted)
  const add = (scope: string): void => void (isGranted(scope, all) || all.add(scope))
  if (openid || (scopes.length === 0 && methods.length === 0)) ['openid', 'email'].forEach(add)
  scopes.map(inFull).forEach(add)
  const found = await findMethods(methods)
  const lacking = found.filter((method) => ![...all].some((scope) => isMeant(scope, method)))
  narrowestScopes(lacking).forEach(add)
  // First, as people expect it.
  return all.has('openid') ? ['openid', ...[...all].filter((scope) => scope !== 'openid')] : [...all]
}

/** Whether a scope is among others, under its short name or its long one. */
export function isGranted(scope: string, granted: Iterable<string>): boolean {
  const all = new Set([...granted].map(longName))
  return all.has(longName(scope))
}

function longName(scope: string): string {
  return scope === 'email' || scope === 'profile' ? `${PREFIX}userinfo.${scope}` : scope
}

/** A scope as people know it: `drive.readonly`. */
export function shortScope(scope: string): string {
  return scope.startsWith(PREFIX) ? scope.slice(PREFIX.length).replace(/^userinfo\./, '') : scope
}

/** A scope as providers know it. They have three short ones of their own, and all others are addresses. */
function inFull(scope: string): string {
  return /^(openid|email|profile)$/.test(scope) || /[/:]/.test(scope) ? scope : `${PREFIX}${scope}`
}

const PREFIX = 'https://www.googleapis.com/auth/'

async function findMethods(methods: readonly string[]): Promise<readonly ScopedMethod[]> {
  if (methods.length === 0) return []
  const asked = methods.map((text) => ({ text, ...parseMethod(text) }))
  const google = createClient()
  try {
    return await Promise.all(
      asked.map(async ({ text, api, path }) => {
        const loaded = await google.discover(api)
        return methodIn((await loaded['$load']()) as RestDescription, text, path)
      }),
    )
  } finally {
    await google.close()
  }
}

/** The id of a version may have dots with digits behind them: `dfareporting:v3.5.reports.list`. */
function parseMethod(text: string): { readonly api: string; readonly path: string } {
  const [, name, version, path] = /^([A-Za-z][\w-]*)(:\w+(?:\.\d\w*)*)?\.([A-Za-z][\w.-]*)$/.exec(text) ?? []
  if (name === undefined || path === undefined)
    throw new UsageError(
      `--for: '${text}' is no method; name one such as drive.files.list or drive:v3.files.list`,
    )
  return { api: `${name}${version ?? ''}`, path }
}

function methodIn(document: RestDescription, text: string, path: string): ScopedMethod {
  const [name, ...above] = path.split('.').toReversed()
  let node: RestDescription | undefined = document
  for (const resource of above.toReversed()) node = own(node?.resources, resource) as typeof node
  const method = own(node?.methods, name!)
  if (method) return method
  const api = `${document.name}:${document.version}`
  const known = methodPaths(document).map((known) => text.slice(0, text.length - path.length) + known)
  throw new UsageError(`--for: ${api} has no method ${path}`, known, text)
}

function own<Value>(record: Readonly<Record<string, Value>> | undefined, name: string): Value | undefined {
  return record && Object.hasOwn(record, name) ? record[name] : undefined
}
