import { defineService, type Service } from '../../service.ts'
import { getAbout } from './about.ts'
import { copyFile, deleteFile, emptyTrash, exportFile, generateIds, getFile } from './files.ts'
import { listFiles } from './list.ts'
import { createPermission, deletePermission, getPermission, listPermissions } from './permissions.ts'
import { createFile, updateFile } from './write.ts'

/** Drive: files and folders of each account, and who may see them. */
export const driveService: Service = defineService('drive:v3', {
  'drive.about.get': getAbout,
  'drive.files.copy': copyFile,
  'drive.files.create': createFile,
  'drive.files.delete': deleteFile,
  'drive.files.emptyTrash': emptyTrash,
  'drive.files.export': exportFile,
  'drive.files.generateIds': generateIds,
  'drive.files.get': getFile,
  'drive.files.list': listFiles,
  'drive.files.update': updateFile,
  'drive.permissions.create': createPermission,
  'drive.permissions.delete': deletePermission,
  'drive.permissions.get': getPermission,
  'drive.permissions.list': listPermissions,
})
