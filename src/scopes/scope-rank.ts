import type { ScopedMethod } from './narrowest-scope.ts'

/** Where a scope stands among the scopes of a method. */
export interface ScopeRank {
  /** The smaller, the narrower. */
  readonly order: number
  /** Scopes of one group differ only in how much of a service they are for. */
  readonly group: number
  /** What it is for: `calendar.events` of `…/auth/calendar.events.readonly`. */
  readonly stem: string
}

/**
 * How narrow a scope is, for a method: first those that are meant for it, then those of the service itself, then those that only
 * read, then those of single files; of these, those for the smallest part of the service.
 */
export function rankOf(scope: string, method: ScopedMethod): ScopeRank {
  const name = nameOf(scope)
  const stem = name.replace(EXTENT, '')
  const parts = scope.startsWith(AUTH) ? stem.split('.').length : -1 // such as https://mail.google.com/, all there is
  const part = parts - (WIDER[name] ?? 0)
  const kind = isReading(name) ? 0 : name === PER_FILE ? 1 : 2
  const group = (isMeant(scope, method) ? 0 : 100) + hostOf(name) * 10 + kind
  return { order: group * 10 - part, group, stem }
}

/** Whether a scope does all that somebody expects of a method, and is not for something else. */
export function isMeant(scope: string, { scopes = [], supportsMediaDownload }: ScopedMethod): boolean {
  const name = nameOf(scope)
  if (!scopes.includes(scope) || SPECIAL.test(name)) return false
  if (supportsMediaDownload === true && METADATA.test(name)) return false
  // Reading with it shows only what the program itself made.
  return (
    name !== PER_FILE || !scopes.some((other) => isReading(nameOf(other)) && !SPECIAL.test(nameOf(other)))
  )
}

function nameOf(scope: string): string {
  return scope.startsWith(AUTH) ? scope.slice(AUTH.length) : scope
}

function isReading(name: string): boolean {
  return READING.test(name)
}

/** How much there is besides the service: 0 where the scope is the service's own. */
function hostOf(name: string): number {
  return HOSTS.findLastIndex((host) => host.test(name)) + 1
}

const AUTH = 'https://www.googleapis.com/auth/'
const PER_FILE = 'drive.file'
const METADATA = /\.metadata(\.readonly)?$/
/** Names that say what may be done, and not to what. */
const EXTENT = /[.](read[-_]?only|read|read_?write|full_control)$/
/** Those that change nothing, or as little: labels without the mail. */
const READING = /[.]read[-_]?only\b|[.]read$|^calendar\.freebusy$|^gmail\.labels$/

/** What other services keep things in, and what lets all of Google Cloud be used: from the narrowest to the widest. */
const HOSTS = [/^spreadsheets\b/, /^(drive|devstorage)\b/, /^cloud-platform\b/]

/**
 * For one purpose, of add-ons or of partners, or for less than is expected: `gmail.metadata` makes searches fail, and that of
 * content where a wider one was granted too. Taken where there is no other.
 */
const SPECIAL = new RegExp(
  [
    String.raw`^drive\.(appdata|apps\.readonly|meet\.readonly|photos\.readonly|scripts|install)$`,
    String.raw`^gmail\.metadata$`,
    String.raw`\.addons\.`,
    String.raw`^calendar\.(app\.created|events\.(freebusy|owned|owned\.readonly|public\.readonly))$`,
    String.raw`^(contacts\.other|directory)\.readonly$`,
    String.raw`^(user\.|userinfo\.|openid$|email$|profile$)`,
    String.raw`^classroom\.profile\.`,
    String.raw`^chat\.(admin|app|bot|import)\b`,
    String.raw`^youtubepartner|^cloud_search\.query$|^ddmconversions$`,
  ].join('|'),
)

/** By how many parts a scope is wider than its name says. */
const WIDER: Readonly<Record<string, number>> = {
  'gmail.compose': 1,
  'gmail.modify': 2,
  'devstorage.full_control': 1,
  'youtube.force-ssl': 1,
}
