import type { HttpResponse } from '../../../protocol/http.ts'
import { callerEmail } from '../../account-state.ts'
import { emptyAnswer, jsonAnswer, textAnswer } from '../../answers.ts'
import { ApiFailure, notModelled } from '../../api-failure.ts'
import { nextId } from '../../ids.ts'
import { bytesAnswer } from '../../media-answer.ts'
import { receive } from '../../receive.ts'
import { type Call, readJsonObject } from '../../service.ts'
import {
  newFile,
  DOCUMENT,
  driveState,
  type DriveFile,
  FOLDER,
  isGoogleType,
  removeFile,
  requireFile,
  requireWritable,
  rootId,
} from './drive-state.ts'
import { readChange, readParents } from './file-fields.ts'
import { fileAnswer } from './file-resource.ts'

/** `drive.files.get`: the resource, or the bytes with `alt=media`. */
export function getFile(call: Call): HttpResponse {
  const file = requireFile(call)
  const asBytes = call.door === 'download' || call.parameters.text('alt') === 'media'
  if (!asBytes) return fileAnswer(call, file)
  if (!file.content) {
    throw new ApiFailure(
      403,
      'fileNotDownloadable',
      'Only files with binary content can be downloaded. Use Export with Docs Editors files.',
      { location: 'alt', locationType: 'parameter' },
    )
  }
  return bytesAnswer(file.content.bytes, call.headers.range, {
    'content-type': file.mimeType,
    'accept-ranges': 'bytes',
  })
}

/** `drive.files.export`: the text that a Google document was made from. */
export function exportFile(call: Call): HttpResponse {
  const file = requireFile(call)
  if (!isGoogleType(file.mimeType)) {
    throw new ApiFailure(403, 'fileNotExportable', 'Export only supports Docs Editors files.')
  }
  const type = call.parameters.text('mimeType')!
  if (file.mimeType !== DOCUMENT) throw notModelled(`the export of ${file.mimeType}`)
  if (type !== 'text/plain') throw notModelled(`the export of a document as ${type}`)
  return textAnswer(file.text ?? '', 200, { 'content-type': 'text/plain' })
}

/** `drive.files.copy` */
export async function copyFile(call: Call): Promise<HttpResponse> {
  const body = await readJsonObject(call.body)
  const source = requireFile(call)
  if (source.mimeType === FOLDER) {
    throw new ApiFailure(403, 'cannotCopyFile', 'This file cannot be copied by the user.')
  }
  const change = readChange(body, source.fields)
  const parents =
    body.parents === undefined && callerEmail(call) === source.owner
      ? source.parents
      : readParents(call, body)
  const content = source.content && (await receive(source.content.bytes.read()))
  const copy: DriveFile = {
    ...newFile(call, nextId(call, 33)),
    name: `Copy of ${source.name}`,
    mimeType: source.mimeType,
    text: source.text,
    ...change,
    parents,
    content,
    revisionId: nextId(call, 28),
  }
  driveState(call).files.set(copy.id, copy)
  return fileAnswer(call, copy)
}

/** `drive.files.delete`: for good, and of a folder everything in it too. */
export function deleteFile(call: Call): HttpResponse {
  const file = requireWritable(call, ['owner'])
  if (file.id === rootId(call)) {
    throw new ApiFailure(403, 'rootFolderNotDeletable', 'The root folder cannot be deleted.')
  }
  removeFile(driveState(call), file)
  return emptyAnswer()
}

/** `drive.files.emptyTrash` */
export function emptyTrash(call: Call): HttpResponse {
  const drive = driveState(call)
  const email = callerEmail(call)
  for (const file of drive.files.values()) if (file.trashed && file.owner === email) removeFile(drive, file)
  return emptyAnswer()
}

/** `drive.files.generateIds` */
export function generateIds(call: Call): HttpResponse {
  const { reservedIds } = driveState(call)
  const count = call.parameters.number('count') ?? 10
  const ids = Array.from({ length: count }, () => nextId(call, 33))
  for (const id of ids) reservedIds.add(id)
  return jsonAnswer({ kind: 'drive#generatedIds', space: 'drive', ids })
}
