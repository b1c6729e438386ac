import { ApiFailure, invalid } from '../../api-failure.ts'
import { checkShape, checkTextMap, mergePatch, pick, type Shape } from '../../fields.ts'
import type { Call, JsonObject } from '../../service.ts'
import { type DriveFile, FOLDER, requireFile, requireWritable, rootId } from './drive-state.ts'

/** What a body sets on a file, checked. */
export interface FileChange {
  readonly name?: string
  readonly mimeType?: string
  readonly createdTime?: number
  readonly modifiedTime?: number
  readonly trashed?: boolean
  readonly fields: JsonObject
}

/** Reads the members a caller may set; a null removes one, others are merged with what was there. */
export function readChange(body: JsonObject, before: JsonObject = {}): FileChange {
  checkShape(body, SHAPE, 'file')
  const { name, mimeType, trashed } = body as { name?: string; mimeType?: string; trashed?: boolean }
  const fields = mergePatch(before, pick(body, OTHERS))
  checkTextMap(fields.properties, 'properties')
  checkTextMap(fields.appProperties, 'appProperties')
  return {
    ...(name && { name }),
    ...(mimeType && { mimeType }),
    ...(typeof trashed === 'boolean' && { trashed }),
    ...time(body, 'createdTime'),
    ...time(body, 'modifiedTime'),
    fields,
  }
}

/** The folders of a new file: those named, or the root. There may be one, into which the caller may write. */
export function readParents(call: Call, body: JsonObject): readonly string[] {
  const parents = (body.parents ?? ['root']) as unknown[]
  if (!Array.isArray(parents) || !parents.every((id) => typeof id === 'string')) {
    throw invalid('Invalid value for parents: must be a list of texts.')
  }
  if (parents.length > 1) {
    throw new ApiFailure(400, 'invalid', 'A file must have exactly one parent.')
  }
  return parents.length === 0 ? [rootId(call)] : parents.map((id) => requireFolder(call, id).id)
}

/** The folders of a file after `addParents` and `removeParents`. */
export function moveParents(call: Call, file: DriveFile): readonly string[] {
  const ids = (name: string): string[] => (call.parameters.text(name) ?? '').split(',').filter(Boolean)
  const added = ids('addParents').map((id) => requireFolder(call, id).id)
  const removed = ids('removeParents').map((id) => (id === 'root' ? rootId(call) : id))
  if (added.length === 0) {
    return removed.length === 0 ? file.parents : file.parents.filter((id) => !removed.includes(id))
  }
  const kept = file.parents.filter((id) => !removed.includes(id) && !added.includes(id))
  if (kept.length + added.length > 1) {
    throw new ApiFailure(403, 'cannotAddParent', 'Increasing the number of parents is not allowed')
  }
  for (const id of added) refuseCycle(call, file, id)
  return added
}

/** A folder that the caller may put files into. */
function requireFolder(call: Call, id: string): DriveFile {
  const folder = requireWritable(call, ['owner', 'writer'], id)
  if (folder.mimeType === FOLDER) return folder
  throw new ApiFailure(403, 'parentNotAFolder', 'The specified parent is not a folder.')
}

function refuseCycle(call: Call, file: DriveFile, parent: string): void {
  for (let id: string | undefined = parent; id !== undefined; id = requireFile(call, id).parents[0]) {
    if (id === file.id) {
      throw new ApiFailure(403, 'cyclicalParents', 'A folder cannot be moved into itself or below itself.')
    }
  }
}

const SHAPE: Shape = {
  name: 'string',
  mimeType: 'string',
  description: 'string',
  createdTime: 'string',
  modifiedTime: 'string',
  starred: 'boolean',
  trashed: 'boolean',
  originalFilename: 'string',
  folderColorRgb: 'string',
  properties: {},
  appProperties: {},
  shortcutDetails: { targetId: 'string' },
  writersCanShare: 'boolean',
  copyRequiresWriterPermission: 'boolean',
}
const OTHERS = [
  'description',
  'starred',
  'originalFilename',
  'folderColorRgb',
  'properties',
  'appProperties',
  'shortcutDetails',
  'writersCanShare',
  'copyRequiresWriterPermission',
]

function time<Name extends string>(body: JsonObject, name: Name): { readonly [K in Name]?: number } {
  const text = body[name]
  if (typeof text !== 'string') return {}
  const parsed = /^\d{4}-\d\d-\d\dT/.test(text) ? Date.parse(text) : Number.NaN
  if (Number.isNaN(parsed)) throw invalid(`Invalid value for ${name}: must be a time as in RFC 3339.`)
  return { [name]: parsed } as { readonly [K in Name]?: number }
}
