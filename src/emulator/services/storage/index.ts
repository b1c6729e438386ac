import { defineService, type Service } from '../../service.ts'
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
  'storage.objects.delete': deleteObject,
  'storage.objects.get': getObject,
  'storage.objects.insert': insertObject,
  'storage.objects.list': listObjects,
  'storage.objects.patch': patchObject,
  'storage.objects.update': updateObject,
})
