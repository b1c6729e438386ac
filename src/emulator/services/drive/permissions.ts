import type { HttpResponse } from '../../../protocol/http.ts'
import { emptyAnswer, jsonAnswer } from '../../answers.ts'
import { ApiFailure, invalid, notModelled } from '../../api-failure.ts'
import { checkTexts } from '../../fields.ts'
import { idOf, userId } from '../../ids.ts'
import { takePage } from '../../pages.ts'
import { type Call, type JsonObject, readJsonObject } from '../../service.ts'
import {
  type DriveFile,
  driveState,
  type Permission,
  requireFile,
  requireWritable,
  ROLES,
} from './drive-state.ts'
import { permissionResource } from './file-resource.ts'

/** `drive.permissions.create`. A user has one permission at most; a second one takes the place of the first. */
export async function createPermission(call: Call): Promise<HttpResponse> {
  const permission = readPermission(await readJsonObject(call.body))
  const file = requireWritable(call)
  const before = file.permissions.find(({ id }) => id === permission.id)
  if (before?.role === 'owner') throw invalid('The owner of a file has every permission already.')
  setPermissions(call, file, [...file.permissions.filter((each) => each !== before), permission])
  return permissionAnswer(call, permission)
}

/** `drive.permissions.get` */
export function getPermission(call: Call): HttpResponse {
  return permissionAnswer(call, requirePermission(call, requireFile(call)))
}

/** `drive.permissions.list` */
export function listPermissions(call: Call): HttpResponse {
  const file = requireWritable(call)
  const { items, nextPageToken } = takePage(file.permissions, {
    size: call.parameters.number('pageSize') ?? 100,
    token: call.parameters.text('pageToken'),
    key: [call.method.id, file.id],
    id: ({ id }) => id,
  })
  return jsonAnswer({
    kind: 'drive#permissionList',
    ...(nextPageToken !== undefined && { nextPageToken }),
    permissions: items.map((permission) => shownPermission(call, permission)),
  })
}

/** `drive.permissions.delete` */
export function deletePermission(call: Call): HttpResponse {
  const file = requireWritable(call)
  const permission = requirePermission(call, file)
  if (permission.role === 'owner') {
    throw new ApiFailure(403, 'insufficientFilePermissions', 'The permission of the owner cannot be removed.')
  }
  setPermissions(
    call,
    file,
    file.permissions.filter((each) => each !== permission),
  )
  return emptyAnswer()
}

function readPermission(body: JsonObject): Permission {
  checkTexts(body, ['type', 'role', 'emailAddress', 'domain'])
  const { type, role, emailAddress, domain } = body as Partial<Permission>
  if (!type || !TYPES.includes(type)) throw invalid('The permission type field is required.')
  if (!role || !ROLES.includes(role)) throw invalid('The permission role field is required.')
  if (role === 'owner') throw notModelled('the transfer of ownership')
  if (type === 'anyone') return { id: 'anyoneWithLink', type, role }
  if (type === 'domain') {
    if (!domain)
      throw invalid('The specified domain is invalid or not applicable for the given permission type.')
    return { id: `${idOf(domain, 20, '0123456789')}k`, type, role, domain }
  }
  if (!emailAddress || !/^[^\s@]+@[^\s@]+$/.test(emailAddress)) {
    throw invalid('The specified emailAddress is invalid or not applicable for the given permission type.')
  }
  return { id: userId(emailAddress), type, role, emailAddress }
}

const TYPES = ['user', 'group', 'domain', 'anyone']

function setPermissions(call: Call, file: DriveFile, permissions: readonly Permission[]): void {
  driveState(call).files.set(file.id, { ...file, permissions, version: file.version + 1 })
}

function requirePermission(call: Call, file: DriveFile): Permission {
  const id = call.parameters.text('permissionId')!
  const permission = file.permissions.find((each) => each.id === id)
  if (permission) return permission
  throw new ApiFailure(404, 'notFound', `Permission not found: ${id}.`, {
    location: 'permissionId',
    locationType: 'parameter',
  })
}

function permissionAnswer(call: Call, permission: Permission): HttpResponse {
  return jsonAnswer(shownPermission(call, permission))
}

function shownPermission(call: Call, permission: Permission): JsonObject {
  const { id, type, role } = permission
  return call.parameters.text('fields')
    ? permissionResource(permission)
    : { kind: 'drive#permission', id, type, role }
}
