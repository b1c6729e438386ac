import { isHeaderName, isHeaderValue } from '../../protocol/header-value.ts'
import type { HttpHeaders } from '../../protocol/http.ts'
import { splitCommand } from '../program/command-line.ts'
import { type AwsSource, parseAwsSource } from './credential-source-aws.ts'
import { type Members, membersOf, textMember } from './credential-source-members.ts'
import { isProviderAllowed, parseProviderAddress } from './provider-address.ts'
import { invalidKey } from '../account/service-account-key.ts'

/** Where the token of an external account comes from, checked as far as that goes without asking anybody. */
export type CredentialSource = FileSource | UrlSource | AwsSource | ExecutableSource

/** A file that something else keeps up to date. */
export interface FileSource {
  readonly kind: 'file'
  readonly path: string
  readonly format: TokenFormat
}

/** An address that gives the token out. */
export interface UrlSource {
  readonly kind: 'url'
  readonly url: string
  readonly headers: HttpHeaders
  readonly format: TokenFormat
}

/** A program that prints the token. */
export interface ExecutableSource {
  readonly kind: 'executable'
  /** Its file, and what it is told. */
  readonly command: readonly [string, ...string[]]
  readonly timeoutMs: number
  /** Where the program leaves its answer for the next time. */
  readonly outputFile: string | undefined
}

/** How the token stands in what is read: the whole text, or one field of a JSON object. */
export type TokenFormat = 'text' | { readonly field: string }

/**
 * Reads the `credential_source` of a credential configuration file.
 * @param from what the file is, for errors
 * @throws {AuthError} reason `invalid_key_file`. Nothing of the content is in the message but names of members.
 */
export function parseCredentialSource(content: unknown, from: string): CredentialSource {
  const source = membersOf(content)
  if (!source) throw invalidKey(from, 'has no credential_source')
  const kinds = KINDS.filter((kind) => source[kind] !== undefined && source[kind] !== null)
    // AWS has an address of its own.
    .filter((kind, _, all) => kind !== 'url' || !all.includes('environment_id'))
  if (kinds.length > 1)
    throw invalidKey(from, `has an ambiguous credential_source: it names ${kinds.join(' and ')}`)
  switch (kinds[0]) {
    case 'file':
      return { kind: 'file', path: textMember(source, 'file', from), format: parseFormat(source, from) }
    case 'url':
      return parseUrlSource(source, from)
    case 'environment_id':
      return parseAwsSource(source, from)
    case 'executable':
      return parseExecutableSource(source['executable'], from)
    case 'certificate':
      throw invalidKey(
        from,
        'has a credential_source of the kind certificate: certificate-based federation (X.509) is not supported',
      )
    default:
      throw invalidKey(
        from,
        'has a credential_source that names none of file, url, executable and environment_id',
      )
  }
}

const KINDS = ['environment_id', 'file', 'url', 'executable', 'certificate'] as const

function parseUrlSource(source: Members, from: string): UrlSource {
  const address = parseProviderAddress(source['url'])
  if (!address) throw invalidKey(from, 'has a credential_source whose url is no plain address')
  if (!isProviderAllowed(address.origin))
    throw invalidKey(
      from,
      `has a credential_source whose url is at ${address.origin.host} without https, which is allowed on this machine ` +
        'and at link-local addresses only',
    )
  return {
    kind: 'url',
    url: address.url,
    headers: parseHeaders(source['headers'], from),
    format: parseFormat(source, from),
  }
}

function parseHeaders(value: unknown, from: string): HttpHeaders {
  if (value === undefined || value === null) return {}
  const entries = Object.entries(membersOf(value) ?? { '': '' })
  const isSafe = ([name, text]: readonly [string, unknown]): boolean =>
    isHeaderName(name) &&
    !OF_THE_CONNECTION.test(name) &&
    typeof text === 'string' &&
    text.length <= MAX_HEADER_LENGTH &&
    isHeaderValue(text)
  if (entries.length > MAX_HEADERS || !entries.every(isSafe))
    throw invalidKey(from, 'has a credential_source whose headers cannot be sent')
  return Object.fromEntries(entries.map(([name, text]) => [name.toLowerCase(), text as string]))
}

const MAX_HEADERS = 64
const MAX_HEADER_LENGTH = 16_384
/** What says where a request goes and where it ends. */
const OF_THE_CONNECTION =
  /^(host|connection|keep-alive|content-length|transfer-encoding|te|trailer|upgrade|expect|proxy-.*)$/i

function parseFormat(source: Members, from: string): TokenFormat {
  const { format: value } = source
  if (value === undefined || value === null) return 'text'
  const format = membersOf(value) ?? {}
  const type = format['type'] ?? 'text'
  if (type === 'text') return 'text'
  const field = format['subject_token_field_name']
  if (type !== 'json') throw invalidKey(from, 'has a credential_source whose format is neither text nor json')
  if (typeof field !== 'string' || field === '')
    throw invalidKey(from, 'has a credential_source whose json format lacks subject_token_field_name')
  return { field }
}

const TIMEOUT_MS = { least: 5_000, default: 30_000, most: 120_000 }

function parseExecutableSource(value: unknown, from: string): ExecutableSource {
  const executable = membersOf(value)
  if (!executable) throw invalidKey(from, 'has a credential_source whose executable is no object')
  const timeoutMs = executable['timeout_millis'] ?? TIMEOUT_MS.default
  if (typeof timeoutMs !== 'number' || !(timeoutMs >= TIMEOUT_MS.least && timeoutMs <= TIMEOUT_MS.most))
    throw invalidKey(
      from,
      `has a credential_source whose timeout_millis is not from ${TIMEOUT_MS.least} to ${TIMEOUT_MS.most}`,
    )
  const command = splitCommand(textMember(executable, 'command', from))
  if (!command)
    throw invalidKey(
      from,
      'has a credential_source whose command names no program, or has a quote that does not end',
    )
  const outputFile = executable['output_file'] ?? undefined
  return {
    kind: 'executable',
    command,
    timeoutMs,
    outputFile: outputFile === undefined ? undefined : textMember(executable, 'output_file', from),
  }
}
