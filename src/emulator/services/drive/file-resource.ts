import { callerEmail } from '../../account-state.ts'
import { jsonAnswer } from '../../answers.ts'
import type { HttpResponse } from '../../../protocol/http.ts'
import { userId } from '../../ids.ts'
import type { Call, JsonObject } from '../../service.ts'
import { DOCUMENT, type DriveFile, driveState, isTrashed, roleOf } from './drive-state.ts'

/** The answer that shows a file: four members when `fields` does not ask for others. */
export function fileAnswer(call: Call, file: DriveFile): HttpResponse {
  return jsonAnswer(shownFile(call, file))
}

/** A file as a call is to see it. */
export function shownFile(call: Call, file: DriveFile): JsonObject {
  const { id, name, mimeType } = file
  if (!call.parameters.text('fields')) return { kind: 'drive#file', id, name, mimeType }
  return fileResource(file, callerEmail(call), isTrashed(driveState(call), file))
}

/** A user as Drive names one. */
export function driveUser(email: string, viewer: string): JsonObject {
  return {
    kind: 'drive#user',
    displayName: email.split('@', 1)[0],
    me: email === viewer,
    permissionId: userId(email),
    emailAddress: email,
  }
}

/** Everything about a file. */
function fileResource(file: DriveFile, viewer: string, trashed: boolean): JsonObject {
  const { id, name, mimeType, content, owner, permissions } = file
  const role = roleOf(file, viewer)
  const canEdit = role === 'owner' || role === 'writer'
  return {
    starred: false,
    ...file.fields,
    kind: 'drive#file',
    id,
    name,
    mimeType,
    ...(role === 'owner' && file.parents.length > 0 && { parents: file.parents }),
    trashed,
    explicitlyTrashed: file.trashed,
    spaces: ['drive'],
    version: String(file.version),
    createdTime: new Date(file.createdTime).toISOString(),
    modifiedTime: new Date(file.modifiedTime).toISOString(),
    owners: [driveUser(owner, viewer)],
    lastModifyingUser: driveUser(file.lastModifier, viewer),
    ownedByMe: owner === viewer,
    shared: permissions.length > 1,
    capabilities: {
      canEdit,
      canCopy: true,
      canShare: canEdit,
      canDelete: role === 'owner',
      canTrash: role === 'owner',
      canRename: canEdit,
      canDownload: content !== undefined,
    },
    ...(canEdit && {
      permissions: permissions.map((permission) => permissionResource(permission)),
      permissionIds: permissions.map((permission) => permission.id),
    }),
    webViewLink: `https://drive.google.com/file/d/${id}/view`,
    quotaBytesUsed: String(content?.bytes.length ?? 0),
    ...(content && {
      size: String(content.bytes.length),
      ...(content.md5Hash !== undefined && { md5Checksum: toHex(content.md5Hash) }),
      headRevisionId: file.revisionId,
      originalFilename: file.fields.originalFilename ?? name,
      ...extension(name),
      webContentLink: `https://drive.google.com/uc?id=${id}&export=download`,
    }),
    ...(mimeType === DOCUMENT && {
      exportLinks: {
        'text/plain': `https://docs.google.com/feeds/download/documents/export/Export?id=${id}&exportFormat=txt`,
      },
    }),
  }
}

/** A permission as the API shows it. */
export function permissionResource(permission: DriveFile['permissions'][number]): JsonObject {
  return {
    kind: 'drive#permission',
    ...permission,
    ...(permission.emailAddress !== undefined && {
      displayName: permission.emailAddress.split('@', 1)[0],
      deleted: false,
    }),
  }
}

function extension(name: string): JsonObject {
  const found = /\.([^./]+)$/.exec(name)?.[1]
  return { fullFileExtension: found ?? '', fileExtension: found ?? '' }
}

function toHex(base64: string): string {
  return Array.from(atob(base64), (character) => character.charCodeAt(0).toString(16).padStart(2, '0')).join(
    '',
  )
}
