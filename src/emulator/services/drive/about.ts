import type { HttpResponse } from '../../../protocol/http.ts'
import { callerEmail } from '../../account-state.ts'
import { jsonAnswer } from '../../answers.ts'
import { invalidParameter } from '../../api-failure.ts'
import type { Call } from '../../service.ts'
import { DOCUMENT, driveState, isTrashed } from './drive-state.ts'
import { driveUser } from './file-resource.ts'

/** `drive.about.get`: the caller and its quota. Google gives nothing of it that `fields` does not name. */
export function getAbout(call: Call): HttpResponse {
  if (!call.parameters.text('fields')) {
    throw invalidParameter('fields', "The 'fields' parameter is required for this method.", 'required')
  }
  const email = callerEmail(call)
  const drive = driveState(call)
  const own = [...drive.files.values()].filter((file) => file.owner === email)
  const size = (files: typeof own): string =>
    String(files.reduce((sum, file) => sum + (file.content?.bytes.length ?? 0), 0))
  return jsonAnswer({
    kind: 'drive#about',
    user: driveUser(email, email),
    storageQuota: {
      limit: String(15 * 1024 ** 3),
      usage: size(own),
      usageInDrive: size(own),
      usageInDriveTrash: size(own.filter((file) => isTrashed(drive, file))),
    },
    importFormats: { 'text/plain': [DOCUMENT] },
    exportFormats: { [DOCUMENT]: ['text/plain'] },
    maxUploadSize: String(5 * 1024 ** 4),
    appInstalled: false,
    canCreateDrives: false,
    canCreateTeamDrives: false,
  })
}
