import type { ApiSource } from './discovery/api-source.ts'
import type { RestMethod } from './discovery/document.ts'
import { type ApiMethod, createMethod } from './discovery/method.ts'
import { Exchange, type ExchangeDefaults } from './exchange.ts'
import { createDownload } from './media/download.ts'
import type { UploadOptions } from './options.ts'
import { LateWalk } from './pagination/late-walk.ts'
import type { ComingPage } from './pagination/page-walk.ts'
import type { MethodListing } from './pagination/paging.ts'
import { type CallParameters, compileMethod, type CompiledMethod } from './request/compile-method.ts'
import { withExtraQuery } from './request/extra-query.ts'
import { hasCredentialInPath } from './request/own-credential.ts'
import type { PreparedRequest } from './request/prepared-request.ts'
import { type ListCall, startCall } from './response/api-call.ts'
import type { Credentials } from './transport/credentials.ts'
import { printedRedacted, redactUrl } from './transport/redact.ts'
import type { Sending } from './sending.ts'

/** Makes the callables of methods, for one principal. */
export function methodMaker(
  defaults: ExchangeDefaults,
  credentials: Credentials,
  baseUrl: (source: ApiSource) => string,
  { ask }: Sending,
): (source: ApiSource, method: RestMethod, name: string) => ApiMethod {
  function call(
    compiled: () => CompiledMethod,
    listing: () => MethodListing,
    parameters: CallParameters | undefined,
    given: UploadOptions,
  ): ListCall<unknown, unknown> {
    const { transform, ...options } = given // pages are given as they came
    let request: PreparedRequest
    let exchange: Exchange
    try {
      request = withExtraQuery(compiled().prepare(parameters, options.validate), options.extraQuery)
      exchange = new Exchange(defaults, credentials, request, given)
    } catch (error) {
      return refusedCall(error)
    }
    const walker: Parameters<typeof startCall>[2] = (kind, first, walkOptions) => {
      const next = (prepared: PreparedRequest): ComingPage<unknown> => ask(prepared, options)
      return new LateWalk(async () => {
        const { walk } = await import('./pagination/lists.ts')
        return walk(kind, { ...listing(), request, first, ask: next }, walkOptions)
      })
    }
    const url = request.ownCredential ? redactUrl(request.url) : request.url
    return startCall(exchange, url, walker, transform)
  }

  return (source, raw, name) => {
    const { document, schemaOf } = source
    const listing = (): MethodListing => ({
      method: raw,
      parameters: document.parameters,
      schemaOf,
      paging: source.pagingOf?.(raw),
    })
    return createMethod(source, raw, name, {
      compiled() {
        // A document may ask for a key or a token as a part of the path, where it is not known for one.
        const { simple, resumable } = raw.mediaUpload?.protocols ?? {}
        const paths = [document.servicePath, raw.path, simple?.path, resumable?.path]
        if (hasCredentialInPath(paths.join())) defaults.guard(baseUrl(source), `a parameter of ${raw.id}`)
        return compileMethod(source, raw, baseUrl(source))
      },
      baseUrl: () => baseUrl(source),
      call: (compiled, parameters, options) => call(compiled, listing, parameters, options),
      prepare(compiled, parameters, options) {
        const request = withExtraQuery(compiled.prepare(parameters, options.validate), options.extraQuery)
        return request.ownCredential ? printedRedacted(request) : request
      },
      download(compiled, parameters, options) {
        const prepared = withExtraQuery(
          compiled.prepareDownload(parameters, options.validate),
          options.extraQuery,
        )
        // No coding on the way, so that the checksum of what is stored can be compared. What is stored as gzip comes
        // inflated all the same, and then cannot be.
        const request = { ...prepared, headers: { ...prepared.headers, 'accept-encoding': 'identity' } }
        const { onProgress, ...rest } = options
        // Made when the download begins: the deadline counts from then, and one that never begins leaves no timer.
        let exchange: Exchange | undefined
        return createDownload({
          load: () => import('./media/receive.ts'),
          send: () =>
            (exchange = new Exchange(defaults, credentials, request, { ...rest, download: true })).send(),
          finish: () => exchange?.finish(),
          cancel: () => exchange?.cancel(),
          id: raw.id,
          onProgress,
        })
      },
    })
  }
}

/** A call that was refused before anything was sent. */
function refusedCall(error: unknown): ListCall<unknown, unknown> {
  const refuse = async (): Promise<never> => {
    throw error
  }
  const exchange = { send: refuse, read: refuse, finish: () => {} }
  return startCall(exchange, '', () => new LateWalk(refuse))
}
