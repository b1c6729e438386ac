/** What only Node has: files as media and as documents, a cache on disk, the options of its transport, another over undici. */
export { readDocument, readDocuments } from './documents.ts'
export { file } from './file.ts'
export type { MediaFile } from './file.ts'
export { diskCache } from './disk-cache.ts'
export { nodeTransport } from '../platform/node/http-transport.ts'
export type { NodeTransportOptions } from '../platform/node/http-transport.ts'
export { undiciTransport } from './undici-transport.ts'
export type { UndiciDispatcher } from './undici-transport.ts'
