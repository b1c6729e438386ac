/**
 * The web's types where the program has them, and a small stand-in where it has not, so that our declarations
 * compile with neither the DOM library nor Node's types.
 */

/** The web's `Request`, where a program has its types. */
export type WebRequest = typeof globalThis extends { Request: { prototype: infer Type } } ? Type : unknown

/** A web `Response`. */
export type WebResponse = typeof globalThis extends { Response: { prototype: infer Type } } ? Type : unknown

/** A web `ReadableStream` of bytes. */
export type WebStream = typeof globalThis extends { ReadableStream: { prototype: infer Type } }
  ? Type
  : AsyncIterable<Uint8Array>

/** A web `AbortSignal`. */
export type WebAbortSignal = typeof globalThis extends { AbortSignal: { prototype: infer Type } }
  ? Type
  : { readonly aborted: boolean; readonly reason: unknown }

/** The web's `fetch`. */
export type WebFetch = typeof globalThis extends { fetch: infer Type } ? Type : unknown

/** `AsyncDisposable`, for `await using`. */
export type WebAsyncDisposable = SymbolConstructor extends { readonly asyncDispose: infer Key extends symbol }
  ? { [Name in Key]: () => Promise<void> }
  : object

/** A web `CryptoKey`. */
export type WebCryptoKey = typeof globalThis extends { CryptoKey: { prototype: infer Type } } ? Type : object
