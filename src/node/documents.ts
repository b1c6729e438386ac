import fs from 'node:fs'
import { join } from 'node:path'
import type { RestDescription } from '../discovery/document.ts'
import { ValidationError } from '../errors.ts'

/**
 * Reads a discovery document from a file.
 *
 * ```ts
 * import { readDocument } from 'discokit/node'
 *
 * const drive = google.api(await readDocument('drive.json'))
 * ```
 *
 * @throws {ValidationError} naming the file, when it cannot be read, has more than 64 MiB or is no such document.
 */
export async function readDocument(file: string): Promise<RestDescription> {
  return checkDocument(file, await readJson(file))
}

/**
 * Reads the discovery documents of a folder: every `*.json` in it, in the order of their names. Lists of APIs, which
 * the Discovery Service gives too, are passed over.
 * @throws {ValidationError} naming the file or folder, also when there is no document, or two of the same API.
 */
export async function readDocuments(folder: string): Promise<RestDescription[]> {
  const files = (await readNames(folder)).filter((name) => name.endsWith('.json')).sort()
  const read = new Map<string, { document: RestDescription; file: string }>()
  // One after the other, so that many of them never need more memory than the largest.
  for (const name of files) {
    const file = join(folder, name)
    const value = await readJson(file)
    if (isObject(value) && value.kind === 'discovery#directoryList') continue
    const document = checkDocument(file, value)
    const id = `${document.name}:${document.version}`
    const same = read.get(id)
    if (same) throw refused(file, `is a document of ${id}, as ${same.file} is`)
    read.set(id, { document, file })
  }
  if (read.size === 0) throw refused(folder, 'has no discovery document (*.json)')
  return [...read.values()].map(({ document }) => document)
}

/** The largest of Google's has 6 MB. */
const MAX_BYTES = 64 * 1024 * 1024

async function readNames(folder: string): Promise<string[]> {
  try {
    return await fs.promises.readdir(folder)
  } catch (error) {
    throw unreadable(folder, error)
  }
}

async function readJson(file: string): Promise<unknown> {
  const bytes = await readBytes(file)
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes))
  } catch {
    // The parser's own words would quote the file.
    throw refused(file, 'is not JSON')
  }
}

async function readBytes(file: string): Promise<Uint8Array> {
  let stats: fs.Stats
  try {
    stats = await fs.promises.stat(file)
    // Before it is opened: a pipe would wait for a writer.
    if (stats.isFile() && stats.size <= MAX_BYTES) return await fs.promises.readFile(file)
  } catch (error) {
    throw unreadable(file, error)
  }
  throw refused(
    file,
    stats.isFile() ? `has ${stats.size} bytes; at most ${MAX_BYTES} are read` : 'is not a file',
  )
}

function checkDocument(file: string, value: unknown): RestDescription {
  const document = isObject(value) ? value : {}
  const missing = ['name', 'version', 'rootUrl', 'servicePath'].filter(
    (name) => typeof document[name] !== 'string',
  )
  if (missing.length > 0) throw refused(file, `is not a discovery document: it lacks ${missing.join(', ')}`)
  const rootUrl = String(document.rootUrl)
  if (!/^https?:\/\//.test(rootUrl) || !URL.canParse(rootUrl)) {
    throw refused(file, 'is not a discovery document: its rootUrl is not an http(s) address')
  }
  return value as RestDescription // as far as it was looked at
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
}

function unreadable(path: string, error: unknown): ValidationError {
  const { code } = error as { code?: string }
  return refused(path, WHY[code ?? ''] ?? `cannot be read (${code})`)
}

const WHY: Readonly<Record<string, string>> = {
  ENOENT: 'does not exist',
  ENOTDIR: 'is not a folder',
  EACCES: 'may not be read',
}

function refused(path: string, why: string): ValidationError {
  return new ValidationError('the discovery document cannot be used', [{ path, message: why }])
}
