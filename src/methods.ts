import { checkKinds, checkTimeout, retryPolicy } from './check-call.ts'
import type { ApiSource } from './discovery/api-source.ts'
import type { RestMethod } from './discovery/document.ts'
import { type ApiMethod, createMethod } from './discovery/method.ts'
import { endControl, Exchange, type ExchangeDefaults } from './exchange.ts'
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
      endControl(given)
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
      can: async (options) => (await defaults.scopes()).can(raw, credentials, options, defaults),
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
        // Cloud Storage keeps codings: what is stored as gzip comes as stored, so that its checksum can be compared.
        // Elsewhere a coding would be one of the way there, and nothing could be gone on with.
        const generations = compiled.parameters.has('generation')
        const coding = generations ? 'gzip' : 'identity'
        const request = { ...prepared, headers: { ...prepared.headers, 'accept-encoding': coding } }
        const { once, budget, clock, maxAnswerBytes } = defaults
        return createDownload({
          load: () => import('./media/download-reader.ts'),
          id: raw.id,
          request,
          options,
          generations,
          checked() {
            checkKinds(raw.id, options)
            checkTimeout(raw.id, options.timeoutMs)
            const { retry = {} } = options
            return retryPolicy(retry, defaults.retry)
          },
          once,
          budget,
          clock,
          random: Math.random,
          maxAnswerBytes,
          exchange: (each, more, handler) =>
            new Exchange({ ...defaults, handler }, credentials, each, { ...more, download: true }),
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
