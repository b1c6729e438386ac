/**
 * The web's types where the program has them, and a small stand-in where it has not, so that our declarations
 * compile with neither the DOM library nor Node's types.
 */
export type WebResponse = typeof globalThis extends { Response: { prototype: infer Type } } ? Type : unknown

/** A web `ReadableStream` of bytes, or the part of it that a program without the web's types can use. */
export type WebStream = typeof globalThis extends { ReadableStream: { prototype: infer Type } }
  ? Type
  : AsyncIterable<Uint8Array>
