/** Two methods of Cloud Storage: what a table for them alone would hold. */
const path = { type: 'string', location: 'path', required: true }
const query = { type: 'string', location: 'query' }

export const document = {
  name: 'storage',
  version: 'v1',
  rootUrl: 'https://storage.googleapis.com/',
  servicePath: 'storage/v1/',
  batchPath: 'batch/storage/v1',
  parameters: { alt: query, fields: query, key: query, prettyPrint: { type: 'boolean', location: 'query' } },
  resources: {
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
            protocols: { simple: { multipart: true, path: '/upload/storage/v1/b/{bucket}/o' } },
          },
        },
      },
    },
  },
}
