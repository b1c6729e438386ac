import { createClient, type PreparedRequest, type RestDescription } from 'discokit'
import { anonymous } from 'discokit/auth'
import { expect } from 'vitest'
import type { Arguments } from '../documents/arguments.ts'
import { memberAt } from '../documents/documents.ts'
import { clients } from './clients.ts'
import { type Difference, differences } from './compare.ts'
import type { Recorder } from './recorder.ts'

/** One of Google's clients, and ours for the same API. */
export interface Pair {
  /** The methods of theirs, as dotted paths. */
  readonly theirMethods: ReadonlySet<string>
  /** Calls a method with both and tells how the two requests differ. With `media`, a text is uploaded too. */
  compare(path: readonly string[], given: Arguments, media?: string): Promise<Difference[]>
  close(): Promise<void>
}

export function openPair(name: string, document: RestDescription, recorder: Recorder): Pair {
  const options = { rootUrl: `${recorder.origin}/`, retry: false }
  const their = clients[name]!(options)
  const google = createClient({ endpoint: recorder.origin, auth: anonymous() })
  const our = google.api(document)
  return {
    theirMethods: new Set(methodPaths(their)),
    async compare(path, { parameters, body }, media) {
      const theirInput = {
        ...parameters,
        ...(body !== undefined && { requestBody: body }),
        ...(media !== undefined && { media: { body: media, mimeType: 'text/plain' } }),
      }
      const ourInput = {
        ...parameters,
        ...(body !== undefined && { body }),
        ...(media !== undefined && { media: { content: media, contentType: 'text/plain' } }),
      }
      const owner = memberAt(their, path.slice(0, -1)) as Record<string, TheirMethod>
      // Their uploads look for another host only among the options of the call.
      const theirs = await recorder.record(() => owner[path.at(-1)!]!(theirInput, options))
      // Their clients do not look at the type of the media.
      const prepared = (memberAt(our, path) as OurMethod).prepare(ourInput)
      const ours = await recorder.record(() => google.send(prepared, { upload: { checkLimits: false } }))
      // What was prepared is what arrives, but for a GET too long for an address.
      if (ours.method === prepared.method) expect(recorder.origin + ours.target).toBe(prepared.url)
      return differences(theirs, ours)
    },
    close: () => google.close(),
  }
}

type TheirMethod = (parameters: object, options: object) => Promise<unknown>

/** A method of ours, as far as it is used here. */
interface OurMethod {
  prepare(parameters: object): PreparedRequest
}

/** The dotted paths of the methods of one of Google's clients: its resources are objects of classes of their own. */
function methodPaths(node: object, prefix = ''): string[] {
  const own = Object.getOwnPropertyNames(Object.getPrototypeOf(node)).filter(
    (name) => name !== 'constructor' && typeof (node as Record<string, unknown>)[name] === 'function',
  )
  const below = Object.entries(node).filter(
    ([name, child]) => name !== 'context' && typeof child === 'object' && child !== null,
  )
  return [
    ...own.map((name) => prefix + name),
    ...below.flatMap(([name, child]) => methodPaths(child as object, `${prefix}${name}.`)),
  ]
}
