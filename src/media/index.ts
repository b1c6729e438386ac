/** Bytes: the multipart encoder, and the forms in which uploads take content and downloads give it. */
export { multipart } from './multipart.ts'
export type { FormPart, MultipartBody, MultipartOptions, RelatedPart } from './multipart.ts'
export type { UploadProgress } from './upload.ts'
export type { Download, DownloadProgress, DownloadSummary, MediaDestination } from './download.ts'
export type {
  BlobLike,
  DescribedMedia,
  MediaContent,
  MediaDescription,
  MediaInput,
  MediaSource,
  StreamLike,
} from '../request/media-input.ts'
