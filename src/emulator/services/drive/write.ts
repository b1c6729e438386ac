import { collect } from '../../../protocol/http-body.ts'
import type { HttpResponse } from '../../../protocol/http.ts'
import { callerEmail } from '../../account-state.ts'
import { ApiFailure, invalid } from '../../api-failure.ts'
import { nextId } from '../../ids.ts'
import type { ReceivedBytes } from '../../receive.ts'
import { type Call, type JsonObject, MAX_JSON_BYTES, readJsonObject } from '../../service.ts'
import { receiveUpload } from '../../upload.ts'
import {
  DOCUMENT,
  type DriveFile,
  driveState,
  isGoogleType,
  newFile,
  requireWritable,
} from './drive-state.ts'
import { moveParents, readChange, readParents } from './file-fields.ts'
import { fileAnswer } from './file-resource.ts'

/** `drive.files.create`: metadata alone, or bytes with or without metadata. */
export async function createFile(call: Call): Promise<HttpResponse> {
  return write(call, (body, mediaType) => {
    const id = newId(call, body.id)
    return {
      ...newFile(call, id),
      mimeType: mediaType || 'application/octet-stream',
      ...readChange(body),
      parents: readParents(call, body),
    }
  })
}

/** `drive.files.update`: changes what the body names, and the bytes when there are any. */
export async function updateFile(call: Call): Promise<HttpResponse> {
  return write(call, (body, mediaType) => {
    const file = requireWritable(call, body.trashed === undefined ? ['owner', 'writer'] : ['owner'])
    if (body.parents !== undefined) {
      throw new ApiFailure(
        403,
        'fieldNotWritable',
        'The parents field is not directly writable in update requests. Use the addParents and removeParents parameters instead.',
      )
    }
    if (body.id !== undefined && body.id !== file.id) {
      throw new ApiFailure(
        403,
        'fieldNotWritable',
        'The resource body includes fields which are not directly writable.',
      )
    }
    return {
      ...file,
      ...(mediaType && !isGoogleType(file.mimeType) && { mimeType: mediaType }),
      modifiedTime: call.clock.now(),
      ...readChange(body, file.fields),
      parents: moveParents(call, file),
      lastModifier: callerEmail(call),
      version: file.version + 1,
    }
  })
}

async function write(
  call: Call,
  plan: (body: JsonObject, mediaType: string | undefined) => DriveFile,
): Promise<HttpResponse> {
  if (call.door !== 'upload') return put(call, plan(await readJsonObject(call.body), undefined))
  // Planned twice: before the bytes come, to refuse what can be refused, and on what is there when they have come.
  const { plan: again, received } = await receiveUpload(call, (body, mediaType) => {
    plan(body, mediaType)
    return () => plan(body, mediaType)
  })
  try {
    return put(call, await setContent(call, again, received))
  } catch (error) {
    await received.bytes.delete()
    throw error
  }
}

/** Uploaded text becomes a document where the metadata says so; other bytes are kept as they are. */
async function setContent(call: Call, plan: () => DriveFile, content: ReceivedBytes): Promise<DriveFile> {
  const file = plan()
  if (!isGoogleType(file.mimeType)) return { ...file, content, revisionId: nextId(call, 28) }
  if (file.mimeType !== DOCUMENT)
    throw invalid(`Bad Request: ${file.mimeType} cannot be made from an upload here.`)
  const text = new TextDecoder().decode(await collect(content.bytes.read(), MAX_JSON_BYTES))
  await content.bytes.delete()
  return { ...plan(), text }
}

function put(call: Call, file: DriveFile): HttpResponse {
  const drive = driveState(call)
  const before = drive.files.get(file.id)
  const answer = fileAnswer(call, file)
  drive.files.set(file.id, file)
  drive.reservedIds.delete(file.id)
  if (before?.content && before.content !== file.content) before.content.bytes.delete().catch(() => {})
  return answer
}

/** The id of a new file: one of `files.generateIds` when the body names it. */
function newId(call: Call, id: unknown): string {
  if (id === undefined || id === null) return nextId(call, 33)
  const { files, reservedIds } = driveState(call)
  if (typeof id === 'string' && files.has(id)) {
    throw new ApiFailure(409, 'fileIdInUse', 'A file already exists with the provided ID.')
  }
  if (typeof id !== 'string' || !reservedIds.has(id)) throw invalid('The provided file ID is not usable.')
  return id
}
