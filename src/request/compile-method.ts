import type { ApiSource } from '../discovery/api-source.ts'
import type { RestMethod, RestParameter } from '../discovery/document.ts'
import { type Problem, ValidationError } from '../errors.ts'
import type { HttpHeaders } from '../protocol/http.ts'
import { type CompiledAddress, compileAddress } from './compile-address.ts'
import { CREDENTIAL_NAMES } from '../protocol/credential-names.ts'
import type { PreparedRequest } from './prepared-request.ts'
import { type RequestContent, requestContent } from './request-content.ts'
import { uploadFacts } from './upload-facts.ts'

/** The arguments of a call: URL parameters flat, the request body under `body`, bytes under `media`. */
export type CallParameters = Readonly<Record<string, unknown>>

/** A method made ready: its parts are looked up once, so that a request costs little more than its text. */
export interface CompiledMethod {
  readonly method: RestMethod
  /** Every parameter by name: the API's own, overridden by the method's. */
  readonly parameters: ReadonlyMap<string, RestParameter>
  /** The request for the method. With `media`, the one that uploads. */
  prepare(parameters?: CallParameters, validate?: boolean): PreparedRequest
  /** The request that answers with the bytes themselves (`alt=media`). */
  prepareDownload(parameters?: CallParameters, validate?: boolean): PreparedRequest
}

/**
 * Makes a method ready.
 * @param baseUrl `rootUrl` or what takes its place, ending in a slash
 */
export function compileMethod(source: ApiSource, method: RestMethod, baseUrl: string): CompiledMethod {
  const { document } = source
  const parameters = new Map([
    ...Object.entries(document.parameters ?? {}),
    ...Object.entries(method.parameters ?? {}),
  ])
  const credentials = CREDENTIAL_NAMES.filter(
    (name) => parameters.has(name) && parameters.get(name)!.location !== 'path',
  )
  const address = (template: string): CompiledAddress => compileAddress(template, baseUrl, parameters, method)
  const path = document.servicePath + method.path
  const plain = address(path)
  let upload: CompiledAddress | undefined
  let download: CompiledAddress | undefined
  let resumable: CompiledAddress | undefined
  const { simple, resumable: sessions } = method.mediaUpload?.protocols ?? {}
  const uploadPath = pathBelow(simple?.path)
  const resumablePath = pathBelow(sessions?.path)
  const facts = factsOf(source, method, baseUrl)

  function prepareTo(
    to: CompiledAddress,
    given: CallParameters,
    validate: boolean,
    fixedQuery: string,
  ): PreparedRequest {
    const problems: Problem[] = []
    const url = to.write(given, validate, fixedQuery, problems)
    const content = requestContent(source, method, given, validate, problems)
    if (problems.length > 0) throw new ValidationError(method.id, problems)
    const ownCredential = credentials.some((name) => given[name] !== undefined && given[name] !== null)
    return assemble(method, url, facts, content, ownCredential)
  }

  return {
    method,
    parameters,
    prepare(given = NONE, validate = source.validate) {
      checkGiven(method.id, given)
      if (given['media'] === undefined || uploadPath === undefined)
        return prepareTo(plain, given, validate, '')
      const kind = given['body'] === undefined ? 'uploadType=media' : 'uploadType=multipart'
      const request = prepareTo((upload ??= address(uploadPath)), given, validate, kind)
      const problems: Problem[] = [] // those of what was given were found above
      const begin =
        resumablePath &&
        (resumable ??= address(resumablePath)).write(given, validate, 'uploadType=resumable', problems)
      return { ...request, upload: uploadFacts(source, method, problems.length > 0 ? undefined : begin) }
    },
    prepareDownload(given = NONE, validate = source.validate) {
      checkGiven(method.id, given)
      download ??= method.useMediaDownloadService ? address(`download/${path}`) : plain
      return prepareTo(download, given, validate, 'alt=media')
    },
  }
}

const NONE: CallParameters = {}

/** A path of a document, which is absolute, as one below the API's address. */
function pathBelow(path: unknown): string | undefined {
  return typeof path === 'string' ? path.replace(/^\//, '') : undefined
}

function checkGiven(id: string, given: unknown): void {
  if (typeof given === 'object' && given !== null && !Array.isArray(given)) return
  throw new ValidationError(id, [
    { path: 'parameters', message: 'must be an object with a member for each parameter' },
  ])
}

/** What all requests of a method have. */
interface MethodFacts {
  readonly headers: HttpHeaders | undefined
  readonly batchUrl: string | undefined
}

function factsOf({ document }: ApiSource, { apiVersion }: RestMethod, baseUrl: string): MethodFacts {
  // Documents are untrusted: only a plain path below the API's own address is one.
  const isPath = /^\w[\w/-]*$/.test(document.batchPath ?? '')
  return {
    headers:
      typeof apiVersion === 'string' && apiVersion !== '' ? { 'x-goog-api-version': apiVersion } : undefined,
    batchUrl: isPath ? baseUrl + document.batchPath : undefined,
  }
}

/** Each request has headers of its own: they are the caller's to change. */
function assemble(
  { id, httpMethod, scopes }: RestMethod,
  url: string,
  { headers, batchUrl }: MethodFacts,
  { body, media }: RequestContent,
  ownCredential: boolean,
): PreparedRequest {
  const request: { -readonly [Member in keyof PreparedRequest]: PreparedRequest[Member] } = {
    id,
    method: httpMethod,
    url,
    headers: body === undefined ? { ...headers } : { ...headers, 'content-type': 'application/json' },
  }
  if (scopes !== undefined) request.scopes = scopes
  if (batchUrl !== undefined) request.batchUrl = batchUrl
  if (ownCredential) request.ownCredential = true
  if (body !== undefined) request.body = body
  if (media !== undefined) request.media = media
  return request
}
