import type { HttpResponse } from '../../../protocol/http.ts'
import { callerEmail } from '../../account-state.ts'
import { jsonAnswer } from '../../answers.ts'
import { invalidParameter, notModelled } from '../../api-failure.ts'
import { takePage } from '../../pages.ts'
import type { Call } from '../../service.ts'
import { type DriveFile, driveState, FOLDER, isTrashed, roleOf, rootId } from './drive-state.ts'
import { shownFile } from './file-resource.ts'
import { parseQuery } from './query.ts'

/** `drive.files.list`: what the caller may see, newest first when no order is asked for. Root folders are not listed. */
export function listFiles(call: Call): HttpResponse {
  const { parameters } = call
  for (const [name, usual] of Object.entries(USUAL)) {
    const value = parameters.text(name)
    if (value && value !== usual) throw notModelled(`${name}=${value} of ${call.method.id}`)
  }
  const drive = driveState(call)
  const viewer = callerEmail(call)
  const [q, orderBy] = [parameters.text('q') ?? '', parameters.text('orderBy') ?? '']
  const fits = q.trim() === '' ? undefined : parseQuery(q)
  const found = [...drive.files.values()]
    .filter((file) => file.id !== rootId({ principal: { email: file.owner } }))
    .filter((file) => roleOf(file, viewer) !== undefined)
    .filter((file) => !fits || fits(file, { trashed: isTrashed(drive, file), viewer, rootId: rootId(call) }))
    .toReversed()
    .toSorted(readOrder(orderBy))
  const { items, nextPageToken } = takePage(found, {
    size: parameters.number('pageSize') ?? 100,
    token: parameters.text('pageToken'),
    key: [call.method.id, viewer, q, orderBy],
    id: (file) => file.id,
  })
  return jsonAnswer({
    kind: 'drive#fileList',
    ...(nextPageToken !== undefined && { nextPageToken }),
    incompleteSearch: false,
    files: items.map((file) => shownFile(call, file)),
  })
}

/** Parameters that lead to other places than the caller's own drive, and what they usually are. */
const USUAL: Readonly<Record<string, string | undefined>> = {
  corpora: 'user',
  corpus: undefined,
  driveId: undefined,
  spaces: 'drive',
  teamDriveId: undefined,
}

/** Reads `orderBy`, such as `folder,modifiedTime desc,name`. */
function readOrder(orderBy: string): (a: DriveFile, b: DriveFile) => number {
  const keys = (orderBy.trim() || 'modifiedTime desc').split(',').map((part) => {
    const [key = '', direction] = part.trim().split(/\s+/)
    const compare = ORDERS[key]
    if (!compare || (direction !== undefined && direction !== 'desc')) throw invalidParameter('orderBy')
    return direction === 'desc' ? (a: DriveFile, b: DriveFile) => compare(b, a) : compare
  })
  return (a, b) => keys.reduce((order, compare) => order || compare(a, b), 0)
}

const ORDERS: Readonly<Record<string, (a: DriveFile, b: DriveFile) => number>> = {
  createdTime: (a, b) => a.createdTime - b.createdTime,
  folder: (a, b) => Number(b.mimeType === FOLDER) - Number(a.mimeType === FOLDER),
  modifiedTime: (a, b) => a.modifiedTime - b.modifiedTime,
  name: (a, b) => a.name.localeCompare(b.name, 'en'),
  name_natural: (a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }),
  quotaBytesUsed: (a, b) => (a.content?.bytes.length ?? 0) - (b.content?.bytes.length ?? 0),
  recency: (a, b) => a.modifiedTime - b.modifiedTime,
  starred: (a, b) => Number(b.fields.starred === true) - Number(a.fields.starred === true),
}
