import type { ExchangeDefaults } from '../exchange.ts'
import type { UploadOptions } from '../options.ts'
import type { HttpRequest, HttpResponse } from '../protocol/http.ts'
import type { MediaDescription, MediaSource } from '../request/media-input.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'
import type { CallContext } from '../transport/call-context.ts'
import type { UploadHand } from './upload-hand.ts'
import type { UploadSettings } from './upload-settings.ts'

/** What an upload needs of the client that it is for. */
export type UploadHost = Pick<
  ExchangeDefaults,
  'once' | 'guard' | 'budget' | 'clock' | 'holdsBodies' | 'maxAnswerBytes'
>

/** The request that an upload begins with, and what sends it. */
export interface PlannedUpload extends HttpRequest {
  /**
   * Sends the upload.
   * @param request this one, with the headers that all requests of the call have
   */
  readonly send: (request: HttpRequest, call: CallContext) => Promise<HttpResponse>
}

/** A content about to be uploaded. */
export interface UploadContent {
  readonly prepared: PreparedRequest
  readonly source: MediaSource
  readonly description: MediaDescription
  readonly contentType: string
  readonly settings: UploadSettings
  readonly onProgress: UploadOptions['onProgress']
  readonly hand: UploadHand
  /** The most that is read of the answer to an upload in one request. */
  readonly maxBytes: number
}

/** What the address of an upload in one request says. */
export const UPLOAD_TYPE: RegExp = /([?&]uploadType=)(media|multipart)(?=&|$)/
