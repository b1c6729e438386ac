import { notModelled } from '../../api-failure.ts'
import { defineService, type Handler, type Service } from '../../service.ts'
import { deleteBucket, getBucket, insertBucket, listBuckets, patchBucket, updateBucket } from './buckets.ts'
import { listObjects } from './list.ts'
import { deleteObject, getObject, patchObject, updateObject } from './objects.ts'
import { insertObject } from './upload.ts'

/** Cloud Storage: buckets, objects and their bytes. */
export const storageService: Service = defineService('storage:v1', {
  'storage.buckets.delete': deleteBucket,
  'storage.buckets.get': getBucket,
  'storage.buckets.insert': insertBucket,
  'storage.buckets.list': listBuckets,
  'storage.buckets.patch': patchBucket,
  'storage.buckets.update': updateBucket,
  'storage.objects.delete': withoutKey(deleteObject),
  'storage.objects.get': withoutKey(getObject),
  'storage.objects.insert': withoutKey(insertObject),
  'storage.objects.list': withoutKey(listObjects),
  'storage.objects.patch': withoutKey(patchObject),
  'storage.objects.update': withoutKey(updateObject),
})

/** Refuses a key to encrypt with: storing the bytes as they are would be no answer to it. */
function withoutKey(handler: Handler): Handler {
  return (call) => {
    if (Object.keys(call.headers).some((name) => name.startsWith('x-goog-encryption-'))) {
      throw notModelled('encryption with a key of the caller')
    }
    return handler(call)
  }
}
