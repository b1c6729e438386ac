/** The public surface of `discokit`. A change here is a change of the API: see api.md. */
export { createClient } from './client.ts'
export type { Client } from './client.ts'
export type { SendOptions, SendResult, SendResults } from './sending.ts'
export type { BatchOptions } from './batch/part.ts'
export type {
  ApiDefinition,
  ApiOf,
  Apis,
  CallOptions,
  ClientOptions,
  DownloadOptions,
  KnownId,
  UntypedApi,
  UploadOptions,
} from './options.ts'
export {
  ApiNotEnabledError,
  AuthError,
  ConflictError,
  DataLossError,
  DiscokitError,
  GoogleApiError,
  MaybeAppliedError,
  NotFoundError,
  ParseError,
  PermissionDeniedError,
  PreconditionFailedError,
  QuotaExceededError,
  SessionLostError,
  TimeoutError,
  TransportError,
  UnauthenticatedError,
  ValidationError,
} from './errors.ts'
export type { ApiErrorFields, ErrorCode, Problem, RequestSummary, ResponseSummary } from './errors.ts'
export type {
  ApiMethod,
  Arguments,
  DownloadMethod,
  ListMethod,
  Method,
  MethodFacts,
  PagedMethod,
} from './discovery/method.ts'
export type {
  ApiMembers,
  Int64Value,
  NoMembers,
  Patch,
  Repeated,
  ResourceMembers,
  TimeValue,
} from './discovery/typed-api.ts'
export type { ApiTable } from './discovery/api-table.ts'
export type { ListApisQuery } from './discovery/load-directory.ts'
export type { DocumentPlace } from './discovery/load-place.ts'
export type { CachedDocument, DocumentCache } from './discovery/document-cache.ts'
export type {
  DirectoryItem,
  DirectoryList,
  JsonSchema,
  MediaUpload,
  RestDescription,
  RestMethod,
  RestParameter,
  RestResource,
} from './discovery/document.ts'
export type {
  Download,
  DownloadProgress,
  DownloadRange,
  DownloadSummary,
  SaveOptions,
} from './media/download.ts'
export type { MediaDestination } from './media/media-destination.ts'
export type { UploadProgress } from './media/progress.ts'
export type { UploadSettings } from './media/upload-settings.ts'
export type {
  MediaContent,
  MediaDescription,
  MediaInput,
  MediaOpener,
  MediaSource,
  DescribedMedia,
} from './request/media-input.ts'
export { nextRequest } from './pagination/next-request.ts'
export type { PageTokens } from './pagination/next-request.ts'
export type { Page, PagesOptions } from './pagination/by-hand.ts'
export type { WalkOptions } from './pagination/page-walk.ts'
export type { CallParameters } from './request/compile-method.ts'
export type { PreparedRequest } from './request/prepared-request.ts'
export type { ApiCall, ListCall, PagedCall, ResponseInfo, WithResponse } from './response/api-call.ts'
export type { ConsentOptions, MethodAccess, MethodGranted, MethodLacking } from './scopes/method-access.ts'
export { validate } from './validation/validate.ts'
export type { Schemas } from './validation/validate.ts'
export { fetchTransport } from './transport/fetch-transport.ts'
export type { FetchTransportOptions } from './transport/fetch-transport.ts'
export type { ClosableTransport, Transport, TransportContext, WaitingCall } from './transport/transport.ts'
export type { Clock } from './transport/clock.ts'
export type { Credentials, CredentialsContext, CredentialsTarget } from './transport/credentials.ts'
export type { RetryPolicy } from './transport/retry-decision.ts'
export type {
  HttpHeaders,
  HttpRequest,
  HttpRequestBody,
  HttpResponse,
  HttpResponseBody,
  OpenOptions,
  StreamBody,
} from './protocol/http.ts'
