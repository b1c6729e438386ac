import { discoveryAddresses } from './discovery/addresses.ts'
import { type ApiId, parseApiId } from './discovery/api-id.ts'
import type { FetchedJson, JsonSource } from './discovery/cached-json.ts'
import { chooseCache } from './discovery/choose-cache.ts'
import { compactDocument, type CompactDocument } from './discovery/compact-document.ts'
import type { DirectoryList, RestDescription } from './discovery/document.ts'
import {
  directoryQuery,
  type ListApisQuery,
  loadDirectory,
  preferredVersion,
} from './discovery/load-directory.ts'
import { loadDocument } from './discovery/load-document.ts'
import {
  type CheckedPlace,
  checkId,
  checkPlace,
  type DocumentPlace,
  loadPlace,
} from './discovery/load-place.ts'
import { SharedLoads } from './discovery/shared-loads.ts'
import { ValidationError } from './errors.ts'
import { checkKinds, checkTimeout } from './check-call.ts'
import { Exchange, type ExchangeDefaults } from './exchange.ts'
import type { CallOptions, ClientOptions } from './options.ts'
import type { HttpHeaders } from './protocol/http.ts'
import type { WebAbortSignal } from './web-types.ts'
import { withExtraQuery } from './request/extra-query.ts'
import { CALL_OPTIONS, checkOptionNames } from './request/option-names.ts'
import { CallContext } from './transport/call-context.ts'

/** The documents of a client and its children. */
export interface Documents {
  /** A document by id, or from an address of the caller's, as far as calls need it; loaded once. */
  discover(from: string | DocumentPlace, options?: CallOptions): Promise<CompactDocument>
  /** The whole of a document of which there may be only a part. */
  whole(document: RestDescription): Promise<RestDescription>
  list(query?: ListApisQuery, options?: CallOptions): Promise<DirectoryList>
}

/** Nothing is fetched or read before it is asked for. */
export function createDocuments(
  options: Pick<ClientOptions, 'cache' | 'transport'>,
  endpoint: string | undefined,
  universeDomain: string,
  defaults: ExchangeDefaults,
): Documents {
  const addresses = discoveryAddresses(endpoint, universeDomain)
  const cacheFor = chooseCache(options.cache, options.transport !== undefined)
  const loads = new SharedLoads<CompactDocument>()
  const versions = new SharedLoads<string>()
  /** Where the documents are from that came from an address of the caller's. */
  const places = new WeakMap<RestDescription, string>()

  /**
   * How a call gets JSON. With something to fall back on it waits for a quarter of `patienceMs` at
   * most, for there may be two things to ask for.
   */
  function sourceFor(call: CallOptions, patienceMs = defaults.timeout.timeoutMs): JsonSource {
    const hurried = { ...call, retry: false, timeoutMs: Math.min(HURRY_MS, patienceMs / 4) } as const
    return {
      fetch: (url, headers, hurry) => fetchJson(url, headers, hurry ? hurried : call),
      // A further parameter may make another answer of it.
      cache: async (url) => (call.extraQuery === undefined ? cacheFor(url) : undefined),
      now: () => defaults.clock.now(),
    }
  }

  async function fetchJson(url: string, headers: HttpHeaders, call: CallOptions): Promise<FetchedJson> {
    const request = withExtraQuery({ id: 'discovery', method: 'GET', url, headers }, call.extraQuery)
    const exchange = new Exchange(defaults, undefined, request, call)
    try {
      const content = await exchange.read(await exchange.send())
      return { content, headers: exchange.response!.headers }
    } finally {
      exchange.finish()
    }
  }

  /** What is loaded for all who ask; what is asked for in a way of one's own is loaded for that call alone. */
  const loadFor = (
    call: CallContext,
    key: string,
    own: boolean,
    load: (signal: WebAbortSignal) => Promise<CompactDocument>,
  ): Promise<CompactDocument> =>
    own ? call.wait(load(call.signal), 'discovery') : loads.get(key, call, load)

  const byId =
    ({ name, version }: ApiId): Find =>
    async (call, source, own) => {
      const found =
        version ??
        (await versions.get(name, call, (signal) => preferredVersion(name, addresses, source(signal))))
      const id = { name, version: found }
      return loadFor(call, `${name}:${found}`, own, async (signal) =>
        kept(compactDocument(await loadDocument(id, addresses, source(signal)))),
      )
    }

  const atPlace =
    ({ url, id }: CheckedPlace): Find =>
    async (call, source, own) => {
      const found = await loadFor(call, url, own, async (signal) => {
        const compact = kept(compactDocument(await loadPlace(url, source(signal))))
        places.set(compact.document, url)
        return compact
      })
      checkId(found.document, id)
      return found
    }

  return {
    async discover(from, options = {}) {
      checkArguments(from, options)
      const find = typeof from === 'string' ? byId(parseApiId(from)) : atPlace(checkPlace(from))
      const id = typeof from === 'string' ? `discovery of ${from}` : 'discovery of a document'
      checkOptionNames(id, options, CALL_OPTIONS)
      const { signal, timeoutMs, validate: _, ...rest } = options
      checkTimeout(id, timeoutMs)
      checkKinds(id, options)
      const call = new CallContext({
        id,
        signal,
        timeout: timeoutMs ?? defaults.timeout,
        clock: defaults.clock,
      })
      try {
        // A load is shared, so it has no time of its own: it ends when nobody waits for it any more.
        const source = (given: WebAbortSignal): JsonSource =>
          sourceFor({ ...rest, signal: given, timeoutMs: Infinity }, timeoutMs)
        // What was asked for in another way may be answered in another way, so it is not for others.
        return await find(
          call,
          source,
          Object.values(rest).some((value) => value !== undefined),
        )
      } finally {
        call.finish()
      }
    },
    async whole(document) {
      if (document.schemas !== undefined) return document
      const url = places.get(document)
      const source = sourceFor({})
      return url === undefined ? loadDocument(document, addresses, source) : loadPlace(url, source)
    },
    list: async (query = {}, options = {}) =>
      loadDirectory(addresses, sourceFor(options), directoryQuery(query)),
  }
}

/**
 * Finds a document for a call. Each load brings a signal that says when nobody waits for it any more.
 * @param own whether the caller asks in a way of its own, so that the answer is not for others
 */
type Find = (
  call: CallContext,
  source: (signal: WebAbortSignal) => JsonSource,
  own: boolean,
) => Promise<CompactDocument>

/** How long an address is asked whether there is a newer document than the one at hand. */
const HURRY_MS = 10_000

/** A short program ends before a document takes the least room; one that runs on has it so after a second. */
const SHRINK_AFTER_MS = 1_000

function kept(compact: CompactDocument): CompactDocument {
  const shrink = (): void => {
    try {
      compact.shrink()
    } catch {
      // Nested too deep: whoever uses that part is told.
    }
  }
  const timer: unknown = setTimeout(shrink, SHRINK_AFTER_MS)
  if (typeof timer === 'object') (timer as { unref?(): void }).unref?.() // where one keeps the process from ending
  return compact
}

/** @throws {ValidationError} for a version given by itself, and for what names no API. */
function checkArguments(from: unknown, options: unknown): void {
  const isPlace = typeof from === 'object' && from !== null && 'url' in from
  if (typeof from !== 'string' && !isPlace) {
    throw new ValidationError('no such API', [
      { path: 'id', message: "must be a text such as 'storage:v1', or an object with a url" },
    ])
  }
  if (typeof options !== 'string') return
  const suggestion = typeof from === 'string' ? `${from}:${options}` : options
  throw new ValidationError('no such API', [
    { path: 'options', message: 'must be an object; the version belongs to the id', suggestion },
  ])
}
