/** Bytes: the multipart encoder, and the forms in which uploads take content and downloads give it. */
export { multipart } from './multipart.ts'
export type {
  FormPart,
  MultipartBody,
  MultipartOptions,
  MultipartProgress,
  RelatedPart,
} from './multipart.ts'
export { combineCrc32c, crc32c } from '../protocol/crc32c.ts'
export { createUploadControl } from './upload-control.ts'
export type { UploadControl } from './upload-control.ts'
export { memoryUploadStore } from './upload-store.ts'
export type { UploadState, UploadStore } from './upload-store.ts'
export { keyvUploadStore } from './keyv-upload-store.ts'
export type { KeyvLike } from './keyv-upload-store.ts'
export { redisUploadStore } from './redis-upload-store.ts'
export type { RedisLike } from './redis-upload-store.ts'
export type { UploadProgress } from './progress.ts'
export { xhrTransport } from '../transport/xhr-transport.ts'
export type { UploadSettings } from './upload-settings.ts'
export type { Download, DownloadProgress, DownloadRange, DownloadSummary, SaveOptions } from './download.ts'
export type { KeptPart, KeptParts, MediaDestination, PartsDestination } from './media-destination.ts'
export type {
  BlobLike,
  DescribedMedia,
  MediaContent,
  MediaDescription,
  MediaInput,
  MediaOpener,
  MediaSource,
  ResponseLike,
  StreamLike,
} from '../request/media-input.ts'
