/** The public surface of `discokit`. A change here is a change of the API: see api.md. */
export { createClient } from './client.ts'
export type { Client, ListApisQuery, SendResult, SendResults } from './client.ts'
export type { BatchOptions } from './batch/part.ts'
export type {
  ApiDefinition,
  Apis,
  CallOptions,
  ClientOptions,
  DownloadOptions,
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
} from './discovery/method.ts'
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
export type { Download, DownloadProgress, DownloadSummary, MediaDestination } from './media/download.ts'
export type { UploadProgress } from './media/upload.ts'
export type {
  MediaContent,
  MediaDescription,
  MediaInput,
  MediaSource,
  DescribedMedia,
} from './request/media-input.ts'
export type { CallParameters } from './request/compile-method.ts'
export type { PreparedRequest } from './request/prepared-request.ts'
export type { ApiCall, ListCall, ResponseInfo, WithResponse } from './response/api-call.ts'
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
