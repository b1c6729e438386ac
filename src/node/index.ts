/** What only Node has: files as media, and the options of its transport. */
export { file } from './file.ts'
export type { MediaFile } from './file.ts'
export { nodeTransport } from '../platform/node/http-transport.ts'
export type { NodeTransportOptions } from '../platform/node/http-transport.ts'
