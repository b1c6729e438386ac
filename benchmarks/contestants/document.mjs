/** Three methods of Cloud Storage: what a table for them alone would hold. */
const path = { type: 'string', location: 'path', required: true }
const query = { type: 'string', location: 'query' }

const PROJECT =
  '(?:(?:[-a-z0-9]{1,63}\\.)*(?:[a-z](?:[-a-z0-9]{0,61}[a-z0-9])?):)?(?:[0-9]{1,19}|(?:[a-z0-9](?:[-a-z0-9]{0,61}[a-z0-9])?))'

export const document = {
  name: 'storage',
  version: 'v1',
  rootUrl: 'https://storage.googleapis.com/',
  servicePath: 'storage/v1/',
  batchPath: 'batch/storage/v1',
  parameters: { alt: query, fields: query, key: query, prettyPrint: { type: 'boolean', location: 'query' } },
  resources: {
    instanceGroupManagers: {
      methods: {
        listErrors: {
          id: 'compute.instanceGroupManagers.listErrors',
          path: 'projects/{project}/zones/{zone}/instanceGroupManagers/{instanceGroupManager}/listErrors',
          httpMethod: 'GET',
          parameters: {
            project: { ...path, pattern: PROJECT },
            zone: path,
            instanceGroupManager: path,
            filter: query,
            maxResults: { ...query, type: 'integer', format: 'uint32', minimum: '0', default: '500' },
            orderBy: query,
            pageToken: query,
            returnPartialSuccess: { ...query, type: 'boolean' },
          },
          parameterOrder: ['project', 'zone', 'instanceGroupManager'],
        },
      },
    },
    objects: {
      methods: {
        get: {
          id: 'storage.objects.get',
          path: 'b/{bucket}/o/{object}',
          httpMethod: 'GET',
          parameters: { bucket: path, object: path, generation: query, projection: query },
          parameterOrder: ['bucket', 'object'],
          response: { $ref: 'Object' },
          scopes: ['https://www.googleapis.com/auth/cloud-platform'],
          supportsMediaDownload: true,
        },
        list: {
          id: 'storage.objects.list',
          path: 'b/{bucket}/o',
          httpMethod: 'GET',
          parameters: {
            bucket: path,
            maxResults: { ...query, type: 'integer', format: 'uint32' },
            pageToken: query,
            prefix: query,
          },
          parameterOrder: ['bucket'],
          response: { $ref: 'Objects' },
          scopes: ['https://www.googleapis.com/auth/cloud-platform'],
        },
        insert: {
          id: 'storage.objects.insert',
          path: 'b/{bucket}/o',
          httpMethod: 'POST',
          parameters: { bucket: path, name: query, uploadType: query },
          parameterOrder: ['bucket'],
          request: { $ref: 'Object' },
          response: { $ref: 'Object' },
          scopes: ['https://www.googleapis.com/auth/cloud-platform'],
          supportsMediaUpload: true,
          mediaUpload: {
            protocols: {
              simple: { multipart: true, path: '/upload/storage/v1/b/{bucket}/o' },
              resumable: { multipart: true, path: '/resumable/upload/storage/v1/b/{bucket}/o' },
            },
          },
        },
      },
    },
  },
}
