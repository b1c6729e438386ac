import { notModelled } from '../../api-failure.ts'
import { defineService, type Handler, type Service } from '../../service.ts'
import { accessControlHandlers } from './access-controls.ts'
import { deleteBucket, getBucket, insertBucket, listBuckets, patchBucket, updateBucket } from './buckets.ts'
import { composeObject } from './compose.ts'
import { copyObject, moveObject } from './copy.ts'
import { createHmacKey, deleteHmacKey, getHmacKey, listHmacKeys, updateHmacKey } from './hmac-keys.ts'
import { getIamPolicy, setIamPolicy, testIamPermissions } from './iam.ts'
import { listObjects } from './list.ts'
import {
  deleteNotification,
  getNotification,
  insertNotification,
  listNotifications,
} from './notifications.ts'
import { deleteObject, getObject, patchObject, updateObject } from './objects.ts'
import { lockRetentionPolicy } from './retention.ts'
import { rewriteObject } from './rewrite.ts'
import { getServiceAccount } from './service-account.ts'
import { insertObject } from './upload.ts'

/** Cloud Storage: buckets, objects and their bytes, and who may have them. */
export const storageService: Service = defineService('storage:v1', {
  ...accessControlHandlers,
  'storage.buckets.delete': deleteBucket,
  'storage.buckets.get': getBucket,
  'storage.buckets.getIamPolicy': getIamPolicy,
  'storage.buckets.insert': insertBucket,
  'storage.buckets.list': listBuckets,
  'storage.buckets.lockRetentionPolicy': lockRetentionPolicy,
  'storage.buckets.patch': patchBucket,
  'storage.buckets.setIamPolicy': setIamPolicy,
  'storage.buckets.testIamPermissions': testIamPermissions,
  'storage.buckets.update': updateBucket,
  'storage.notifications.delete': deleteNotification,
  'storage.notifications.get': getNotification,
  'storage.notifications.insert': insertNotification,
  'storage.notifications.list': listNotifications,
  'storage.objects.compose': withoutKey(composeObject),
  'storage.objects.copy': withoutKey(copyObject),
  'storage.objects.delete': withoutKey(deleteObject),
  'storage.objects.get': withoutKey(getObject),
  'storage.objects.insert': withoutKey(insertObject),
  'storage.objects.list': withoutKey(listObjects),
  'storage.objects.move': withoutKey(moveObject),
  'storage.objects.patch': withoutKey(patchObject),
  'storage.objects.rewrite': withoutKey(rewriteObject),
  'storage.objects.update': withoutKey(updateObject),
  'storage.projects.hmacKeys.create': createHmacKey,
  'storage.projects.hmacKeys.delete': deleteHmacKey,
  'storage.projects.hmacKeys.get': getHmacKey,
  'storage.projects.hmacKeys.list': listHmacKeys,
  'storage.projects.hmacKeys.update': updateHmacKey,
  'storage.projects.serviceAccount.get': getServiceAccount,
})

/** Refuses a key to encrypt with: storing the bytes as they are would be no answer to it. */
function withoutKey(handler: Handler): Handler {
  return (call) => {
    if (Object.keys(call.headers).some((name) => /^x-goog-(copy-source-)?encryption-/.test(name))) {
      throw notModelled('encryption with a key of the caller')
    }
    return handler(call)
  }
}
