import { callerEmail } from '../../account-state.ts'
import { ApiFailure } from '../../api-failure.ts'
import { idOf, userId } from '../../ids.ts'
import type { ReceivedBytes } from '../../receive.ts'
import type { Call, JsonObject } from '../../service.ts'
import type { StateSlot } from '../../state.ts'

/** Who may do what with a file. */
export interface Permission {
  readonly id: string
  readonly type: string
  readonly role: string
  readonly emailAddress?: string
  readonly domain?: string
}

/** A file or a folder as it stands. It is replaced, never changed. */
export interface DriveFile {
  readonly id: string
  readonly name: string
  readonly mimeType: string
  readonly owner: string
  readonly lastModifier: string
  readonly parents: readonly string[]
  readonly createdTime: number
  readonly modifiedTime: number
  readonly version: number
  readonly trashed: boolean
  /** What else callers set. */
  readonly fields: JsonObject
  /** What was uploaded; undefined for folders, shortcuts and Google's own kinds of documents. */
  readonly content: ReceivedBytes | undefined
  readonly revisionId: string
  /** The text of a Google document. */
  readonly text: string | undefined
  readonly permissions: readonly Permission[]
}

/** Everything Drive remembers. */
export interface DriveState {
  readonly files: Map<string, DriveFile>
  /** Ids given out by `files.generateIds` and not used yet. */
  readonly reservedIds: Set<string>
}

export const FOLDER = 'application/vnd.google-apps.folder'
export const DOCUMENT = 'application/vnd.google-apps.document'

/** Whether a file is one of Google's own kind, which has no bytes: a folder, a document, … */
export function isGoogleType(mimeType: string): boolean {
  return mimeType.startsWith('application/vnd.google-apps.')
}

/** The drive part of a call's state; the caller's root folder is always there. */
export function driveState(call: Pick<Call, 'state' | 'principal' | 'clock'>): DriveState {
  const drive = call.state.get(slot)
  const id = rootId(call)
  if (!drive.files.has(id)) drive.files.set(id, newRoot(call, id))
  return drive
}

/** The id of the caller's root folder, which `root` stands for. */
export function rootId(call: Pick<Call, 'principal'>): string {
  return `0A${idOf(`root of ${callerEmail(call)}`, 17)}`
}

/** A file the caller may see, by its id or the alias `root`, or 404. */
export function requireFile(call: Call, id: string = call.parameters.text('fileId')!): DriveFile {
  const file = driveState(call).files.get(id === 'root' ? rootId(call) : id)
  if (file && roleOf(file, callerEmail(call)) !== undefined) return file
  throw new ApiFailure(404, 'notFound', `File not found: ${id}.`, {
    location: 'fileId',
    locationType: 'parameter',
  })
}

/** A file the caller may change, or 404, or 403. */
export function requireWritable(
  call: Call,
  roles: readonly string[] = ['owner', 'writer'],
  id?: string,
): DriveFile {
  const file = requireFile(call, id)
  if (roles.includes(roleOf(file, callerEmail(call)) ?? '')) return file
  throw new ApiFailure(
    403,
    'insufficientFilePermissions',
    `The user does not have sufficient permissions for file ${file.id}.`,
  )
}

/** The strongest role of a user for a file; a file has the permissions of its own only. */
export function roleOf(file: DriveFile, email: string): string | undefined {
  const roles = file.permissions
    .filter(
      ({ type, emailAddress, domain }) =>
        type === 'anyone' ||
        emailAddress?.toLowerCase() === email.toLowerCase() ||
        (type === 'domain' && email.endsWith(`@${domain}`)),
    )
    .map(({ role }) => role)
  return ROLES.find((role) => roles.includes(role))
}

/** From the strongest to the weakest. */
export const ROLES: readonly string[] = ['owner', 'writer', 'commenter', 'reader']

/** The permission that makes a user the owner. */
function ownerPermission(email: string): Permission {
  return { id: userId(email), type: 'user', role: 'owner', emailAddress: email }
}

/** Whether a file is in the trash, by itself or with a folder that it is in. */
export function isTrashed(drive: DriveState, file: DriveFile): boolean {
  return (
    file.trashed ||
    file.parents.some((id) => {
      const parent = drive.files.get(id)
      return parent !== undefined && isTrashed(drive, parent)
    })
  )
}

/** Removes a file with everything below it, and releases the bytes. */
export function removeFile(drive: DriveState, file: DriveFile): void {
  drive.files.delete(file.id)
  file.content?.bytes.delete().catch(() => {})
  for (const child of drive.files.values()) if (child.parents.includes(file.id)) removeFile(drive, child)
}

const slot: StateSlot<DriveState> = {
  create: () => ({ files: new Map(), reservedIds: new Set() }),
  dispose: async ({ files }) => {
    const contents = [...files.values()].flatMap(({ content }) => content ?? [])
    await Promise.all(contents.map(({ bytes }) => bytes.delete()))
  },
}

function newRoot(call: Pick<Call, 'principal' | 'clock'>, id: string): DriveFile {
  return { ...newFile(call, id), name: 'My Drive', mimeType: FOLDER }
}

/** A file without a name, type or content, of the caller. */
export function newFile(call: Pick<Call, 'principal' | 'clock'>, id: string): DriveFile {
  const owner = callerEmail(call)
  const now = call.clock.now()
  return {
    id,
    name: 'Untitled',
    mimeType: 'application/octet-stream',
    owner,
    lastModifier: owner,
    parents: [],
    createdTime: now,
    modifiedTime: now,
    version: 1,
    trashed: false,
    fields: {},
    content: undefined,
    revisionId: '',
    text: undefined,
    permissions: [ownerPermission(owner)],
  }
}
