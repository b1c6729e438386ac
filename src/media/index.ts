/** Bytes: the multipart encoder, and the forms in which uploads take content and downloads give it. */
export { multipart } from './multipart.ts'
export type { FormPart, MultipartBody, MultipartOptions, RelatedPart } from './multipart.ts'
export type { UploadProgress } from './upload.ts'
export { combineCrc32c, crc32c } from '../protocol/crc32c.ts'
export type { Download, DownloadProgress, DownloadRange, DownloadSummary, SaveOptions } from './download.ts'
export type { KeptPart, KeptParts, MediaDestination, PartsDestination } from './media-destination.ts'
export type {
  BlobLike,
  DescribedMedia,
  MediaContent,
  MediaDescription,
  MediaInput,
  MediaSource,
  StreamLike,
} from '../request/media-input.ts'
