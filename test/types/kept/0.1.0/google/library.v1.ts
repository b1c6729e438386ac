// Written by discokit add, for library:v1, revision 20261120. Do not edit.
// @ts-nocheck
/* eslint-disable */
import type { ApiDefinition, ApiMembers, ApiMethod, DownloadMethod, Int64Value, ListMethod, MediaInput, NoMembers, PagedMethod, Patch, Repeated, ResourceMembers, TimeValue } from 'discokit'

/**
 * Library API
 * Books, and the shelves they stand on.
 */
export interface LibraryV1 extends ApiMembers {
  /**
   * GET about
   * Scopes, any of: library, library.readonly
   */
  readonly about: ApiMethod<AboutParameters, Map>
  readonly books: BooksResource
  readonly 'well-known': WellKnownResource
}

export interface AboutParameters extends StandardParameters {}

export interface BooksResource extends ResourceMembers {
  /**
   * Lists books.
   * GET books
   * Items: `items`
   * Scopes, any of: library, library.readonly
   */
  readonly list: ListMethod<BooksListParameters, BookList, Book>
  /**
   * GET books/all
   * Items: the entries of `items`
   * Scopes, any of: library, library.readonly
   */
  readonly aggregatedList: ListMethod<BooksAggregatedListParameters, BookMap, [string, BookList]>
  /**
   * GET books/report
   * Scopes, any of: library, library.readonly
   */
  readonly report: PagedMethod<BooksReportParameters, Report>
  /**
   * POST books:search
   * Items: `books`
   * Scopes, any of: library, library.readonly
   */
  readonly search: ListMethod<BooksSearchParameters, SearchResponse, Book>
  /**
   * GET books/{bookId}
   * Scopes, any of: library, library.readonly
   */
  readonly get: ApiMethod<BooksGetParameters, Book> & DownloadMethod<BooksGetParameters>
  /**
   * POST books
   * Scopes, any of: library, library.readonly
   */
  readonly insert: ApiMethod<BooksInsertParameters, Book>
  /**
   * PATCH books/{bookId}
   * Scopes, any of: library, library.readonly
   */
  readonly patch: ApiMethod<BooksPatchParameters, Book>
  /**
   * POST books:order
   * Scopes, any of: library, library.readonly
   */
  readonly order: ApiMethod<BooksOrderParameters, Empty>
  /**
   * PUT books/{bookId}
   * Scopes, any of: library, library.readonly
   */
  readonly replace: ApiMethod<BooksReplaceParameters, Book>
  /**
   * Use `reviews` instead.
   * DELETE books/{bookId}
   * Scopes, any of: library, library.readonly
   * @deprecated
   */
  readonly delete: ApiMethod<BooksDeleteParameters, void>
  /**
   * POST books/{bookId}:lend
   * Scopes, any of: library, library.readonly
   */
  readonly lend: ApiMethod<BooksLendParameters, Empty>
  /**
   * POST books:import
   * Scopes, any of: library, library.readonly
   */
  readonly import: ApiMethod<BooksImportParameters, unknown>
  /**
   * GET books/{bookId}/reviews
   * Scopes, any of: library, library.readonly
   */
  readonly reviews: ApiMethod<BooksReviewsParameters, BookList> & BooksReviewsResource
}

export interface BooksListParameters extends StandardParameters {
  pageSize?: number | undefined
  pageToken?: string | undefined
  author?: Repeated<string> | undefined
  /**
   * - `NOVEL`: A long story.
   * - `POEM`: Few words.
   */
  kind?: 'NOVEL' | 'POEM' | (string & {}) | undefined
  'printed.year'?: number | undefined
  /** Format: date-time. */
  since?: TimeValue | undefined
  /** Format: int64. */
  after?: Int64Value | undefined
}

export interface BooksAggregatedListParameters extends StandardParameters {
  pageSize?: number | undefined
  pageToken?: string | undefined
}

export interface BooksReportParameters extends StandardParameters {
  pageSize?: number | undefined
  pageToken?: string | undefined
}

export interface BooksSearchParameters extends StandardParameters {
  body?: SearchRequest | undefined
}

export interface BooksGetParameters extends StandardParameters {
  /** Which book. */
  bookId: string
}

export interface BooksInsertParameters extends StandardParameters {
  body?: BookInput & {
    title: string
    author?: PersonInput & {
      name: string
    }
  } | undefined
  media?: MediaInput | undefined
}

export interface BooksPatchParameters extends StandardParameters {
  /** Which book. */
  bookId: string
  body?: Patch<BookInput> | undefined
}

export interface BooksOrderParameters extends StandardParameters {
  body: BookInput & {
    title: string
  }
}

export interface BooksReplaceParameters extends StandardParameters {
  /** Which book. */
  bookId: string
  body?: BookInput | undefined
}

export interface BooksDeleteParameters extends StandardParameters {
  /** Which book. */
  bookId: string
}

export interface BooksLendParameters extends StandardParameters {
  /** Which book. */
  bookId: string
  body?: Empty | undefined
}

export interface BooksImportParameters extends StandardParameters {
  body?: HttpBody | undefined
  media?: MediaInput | undefined
}

export interface BooksReviewsResource extends ResourceMembers {
  /**
   * GET books/{bookId}/reviews/{reviewId}
   * Scopes, any of: library, library.readonly
   */
  readonly get: ApiMethod<BooksReviewsGetParameters, Book>
}

export interface BooksReviewsGetParameters extends StandardParameters {
  /** Which book. */
  bookId: string
  reviewId: string
}

export interface BooksReviewsParameters extends StandardParameters {
  /** Which book. */
  bookId: string
}

export interface WellKnownResource extends ResourceMembers {
  /**
   * GET users/{userId}
   * Scopes, any of: library, library.readonly
   */
  readonly 'get-one': ApiMethod<WellKnownGetOneParameters, Person>
}

export interface WellKnownGetOneParameters extends StandardParameters {
  /** Default: `me`. */
  userId?: string | undefined
}

/** The parameters that every method takes. */
export interface StandardParameters {
  /** Which members the answer has. */
  fields?: string | undefined
  /** Default: `true`. */
  prettyPrint?: boolean | undefined
}

/** What requests take of `Book`. */
export interface BookInput {
  title?: string
  /**
   * - `NOVEL`: A long story.
   * - `POEM`: Few words.
   */
  kind?: 'NOVEL' | 'POEM' | (string & {})
  nothing?: 'NULL_VALUE' | (string & {}) | null
  pages?: number
  printed?: Date
  labels?: { [name: string]: string }
  tags?: string[]
  author?: PersonInput
  cover?: {
    color?: string
  }
  'end-date'?: string
  /** @deprecated */
  class?: string
  sequel?: BookInput
  extra?: unknown
}

/** A book. */
export interface Book extends BookInput {
  /** Given by the server. */
  readonly id?: string
  /** Output only. The size. Format: int64. */
  readonly bytes?: string
  /** Where it stands. Read-only. */
  readonly shelf?: string
  author?: Person
  cover?: {
    color?: string
    readonly thumbnailLink?: string
  }
  sequel?: Book
}

/** What requests take of `Person`. */
export interface PersonInput {
  name?: string
  born?: Date
}

export interface Person extends PersonInput {
  readonly verified?: boolean
}

export interface BookList {
  items?: Book[]
  nextPageToken?: string
  unreachable?: string[]
}

export interface BookMap {
  items?: { [name: string]: BookList }
  nextPageToken?: string
}

export interface Report {
  total?: number
  nextPageToken?: string
}

export interface SearchRequest {
  text?: string
  pageToken?: string
}

export interface SearchResponse {
  books?: Book[]
  nextPageToken?: string
}

export interface Date {
  year?: number
  month?: number
}

export interface Empty extends NoMembers {}

export interface Function {
  call?: string
}

export interface HTTPCheck {
  port?: number
}

export interface HttpBody {
  contentType?: string
  /** Format: byte. */
  data?: string
}

export interface HttpCheck {
  path?: string
}

export interface Map {
  object?: Object
  run?: Function
}

export interface Object {
  http?: HttpCheck
  HTTP?: HTTPCheck
}

const libraryV1: ApiDefinition<LibraryV1> = {
  name: 'library',
  version: 'v1',
  revision: '20261120',
  title: 'Library API',
  rootUrl: 'https://library.googleapis.com/',
  servicePath: 'library/v1/',
  batchPath: 'batch/library/v1',
  parts: '[{"type":"string","location":"query","enum":["json","media"],"default":"json"},{"type":"string","location":"query"},{"type":"boolean","location":"query","default":"true"},["https://www.googleapis.com/auth/library","https://www.googleapis.com/auth/library.readonly"],{"httpMethod":"GET","scopes":3},{"type":"integer","format":"int32","location":"query"},{"type":"string","location":"query","repeated":true},{"type":"string","location":"query","enum":["NOVEL","POEM"]},{"type":"integer","location":"query"},{"type":"string","format":"date-time","location":"query"},{"type":"string","format":"int64","location":"query"},{"request":{"in":"query","path":["pageToken"],"counts":false},"response":[["nextPageToken"]],"items":{"kind":"list","name":"items"}},{"httpMethod":"GET","scopes":3,"parameters":{"pageSize":5,"pageToken":1,"author":6,"kind":7,"printed.year":8,"since":9,"after":10},"paging":11},{"request":{"in":"query","path":["pageToken"],"counts":false},"response":[["nextPageToken"]],"items":{"kind":"map","name":"items"}},{"httpMethod":"GET","scopes":3,"parameters":{"pageSize":5,"pageToken":1},"paging":13},{"request":{"in":"query","path":["pageToken"],"counts":false},"response":[["nextPageToken"]],"items":null},{"httpMethod":"GET","scopes":3,"parameters":{"pageSize":5,"pageToken":1},"paging":15},{"request":{"in":"body","path":["pageToken"],"counts":false},"response":[["nextPageToken"]],"items":{"kind":"list","name":"books"}},{"httpMethod":"POST","scopes":3,"paging":17},{"type":"string","location":"path","required":true},{"httpMethod":"GET","supportsMediaDownload":true,"scopes":3,"parameters":{"bookId":19}},{"httpMethod":"POST","supportsMediaUpload":true,"mediaUpload":{"accept":["*/*"],"protocols":{"simple":{"multipart":true,"path":"/upload/library/v1/books"}}},"scopes":3},{"httpMethod":"PATCH","scopes":3,"parameters":{"bookId":19}},{"httpMethod":"POST","scopes":3},{"httpMethod":"PUT","scopes":3,"parameters":{"bookId":19}},{"httpMethod":"DELETE","deprecated":true,"scopes":3,"parameters":{"bookId":19}},{"httpMethod":"POST","scopes":3,"parameters":{"bookId":19}},{"httpMethod":"GET","scopes":3,"parameters":{"bookId":19}},{"httpMethod":"GET","scopes":3,"parameters":{"bookId":19,"reviewId":19}},{"type":"string","location":"path","required":true,"default":"me"},{"httpMethod":"GET","scopes":3,"parameters":{"userId":29}}]',
  parameters: '{"alt":0,"fields":1,"key":1,"prettyPrint":2}',
  methods: '{"about":{"path":"about","response":"Map","rest":4}}',
  resources: {
    books: '{"methods":{"list":{"path":"books","response":"BookList","rest":12},"aggregatedList":{"path":"books/all","response":"BookMap","rest":14},"report":{"path":"books/report","response":"Report","rest":16},"search":{"path":"books:search","request":"SearchRequest","response":"SearchResponse","rest":18},"get":{"path":"books/{bookId}","response":"Book","rest":20},"insert":{"path":"books","request":"Book","response":"Book","rest":21},"patch":{"path":"books/{bookId}","request":"Book","response":"Book","rest":22},"order":{"path":"books:order","request":"Book","response":"Empty","rest":23},"replace":{"path":"books/{bookId}","request":"Book","response":"Book","rest":24},"delete":{"path":"books/{bookId}","rest":25},"lend":{"path":"books/{bookId}:lend","request":"Empty","response":"Empty","rest":26},"import":{"path":"books:import","request":"HttpBody","response":"HttpBody","rest":23},"reviews":{"path":"books/{bookId}/reviews","response":"BookList","rest":27}},"resources":{"reviews":{"methods":{"get":{"path":"books/{bookId}/reviews/{reviewId}","response":"Book","rest":28}}}}}',
    'well-known': '{"methods":{"get-one":{"id":"library.wellKnown.getOne","path":"users/{userId}","response":"Person","rest":30}}}',
  },
}

export default libraryV1
