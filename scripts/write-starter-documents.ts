/**
 * Writes the emulator's starter documents from Google's discovery documents:
 *
 *     npm run documents -- PATH_TO_DISCOVERY_DOCUMENTS…
 *
 * Only what a program needs is taken over: names, paths, types, limits. Google's prose stays behind; each API gets a
 * title and a sentence of our own, below.
 */
import { readFile, writeFile } from 'node:fs/promises'
import { basename, join } from 'node:path'

const OWN_WORDS: Readonly<Record<string, { title: string; description: string }>> = {
  'storage:v1': { title: 'Cloud Storage', description: 'Buckets, and the objects in them.' },
  'discovery:v1': {
    title: 'API Discovery',
    description: 'Which APIs there are, and what each of them offers.',
  },
  'drive:v3': { title: 'Drive', description: 'Files and folders, their bytes, and who may see them.' },
  'calendar:v3': { title: 'Calendar', description: 'Calendars and the events in them.' },
  'people:v1': { title: 'People', description: 'The contacts of an account, and the account itself.' },
  'translate:v2': { title: 'Translation', description: 'Texts in another language.' },
  'youtube:v3': { title: 'YouTube', description: 'Videos, channels and playlists.' },
  'books:v1': { title: 'Books', description: 'Volumes, and the shelves they stand on.' },
  'urlshortener:v1': { title: 'URL Shortener', description: 'Short addresses that stand for long ones.' },
  'oauth2:v2': { title: 'OAuth 2.0', description: 'What a token stands for, and for whom.' },
  'iamcredentials:v1': {
    title: 'IAM Service Account Credentials',
    description: 'Tokens and signatures of service accounts, for those who may act as them.',
  },
  'sts:v1': { title: 'Security Token Service', description: 'A token in exchange for another.' },
}

type Json = { readonly [name: string]: unknown }

/** What to keep of a member: itself, or another shape of object, or a map or a list of such. */
type Rule = 'value' | Shape | { readonly each: () => Rule }
type Shape = { readonly [name: string]: Rule | (() => Rule) }

const schema: Shape = {
  ...values('id', 'type', 'format', '$ref', 'default', 'required', 'repeated', 'location', 'pattern'),
  ...values('minimum', 'maximum', 'enum', 'readOnly', 'deprecated'),
  annotations: values('required'),
  items: () => schema,
  properties: { each: () => schema },
  additionalProperties: () => schema,
}

const method: Shape = {
  ...values('id', 'path', 'flatPath', 'httpMethod', 'parameterOrder', 'scopes', 'deprecated'),
  ...values('supportsMediaUpload', 'supportsMediaDownload', 'useMediaDownloadService'),
  request: values('$ref', 'parameterName'),
  response: values('$ref'),
  parameters: { each: () => schema },
  mediaUpload: {
    ...values('accept', 'maxSize'),
    protocols: { each: () => values('path', 'multipart') },
  },
}

const resource: Shape = {
  methods: { each: () => method },
  resources: { each: () => resource },
}

const document: Shape = {
  ...values('kind', 'id', 'name', 'version', 'revision', 'protocol', 'discoveryVersion'),
  ...values('rootUrl', 'mtlsRootUrl', 'servicePath', 'basePath', 'baseUrl', 'batchPath', 'features'),
  parameters: { each: () => schema },
  // The names of the scopes are kept, and nothing about them.
  auth: { oauth2: { scopes: { each: () => ({}) } } },
  schemas: { each: () => schema },
  ...resource,
}

const sources = process.argv.slice(2)
if (sources.length === 0) {
  console.error('usage: npm run documents -- PATH_TO_DISCOVERY_DOCUMENTS…')
  process.exitCode = 2
}
for (const source of sources) {
  const original = JSON.parse(await readFile(source, 'utf8')) as Json
  const id = `${String(original.name)}:${String(original.version)}`
  const words = OWN_WORDS[id]
  if (!words) throw new Error(`${basename(source)}: add a title and a sentence for ${id} to OWN_WORDS`)
  const { kind, ...facts } = keep(original, document) as Json
  const target = join('src/emulator/documents', `${id.replace(':', '.')}.json`)
  await writeFile(target, `${JSON.stringify({ kind, ...words, ...facts }, null, 1)}\n`)
  console.log(`${source} -> ${target}`)
}

function values(...names: readonly string[]): Shape {
  return Object.fromEntries(names.map((name) => [name, 'value' as const]))
}

function keep(value: unknown, rule: Rule): unknown {
  if (rule === 'value' || typeof value !== 'object' || value === null) return value
  if (isEach(rule)) return mapEntries(value as Json, (item) => keep(item, rule.each()))
  const kept = Object.entries(value).filter(([name]) => Object.hasOwn(rule, name))
  return Object.fromEntries(
    kept.map(([name, member]) => {
      const inner = rule[name] ?? 'value'
      return [name, keep(member, typeof inner === 'function' ? inner() : inner)]
    }),
  )
}

/** A map's rule has one member, a function; a shape's `each` would be a rule. */
function isEach(rule: Exclude<Rule, 'value'>): rule is { readonly each: () => Rule } {
  return Object.keys(rule).length === 1 && typeof (rule as { each?: unknown }).each === 'function'
}

function mapEntries(map: Json, change: (value: unknown) => unknown): Json {
  return Object.fromEntries(Object.entries(map).map(([name, value]) => [name, change(value)]))
}
