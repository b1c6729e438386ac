import type { IncomingMessage } from 'node:http'

/** What a page wants to upload. */
export interface Wish {
  readonly name: string
  readonly type: string
  /** Bytes. */
  readonly size: number
}

/** The wish that a request of our own page has, or what is wrong with it. */
export async function readWish(request: IncomingMessage, origin: string): Promise<Wish | string> {
  const { headers } = request
  // Pages of others cannot send JSON here without asking first, and this server does not let them.
  if (headers.origin !== origin || headers['content-type'] !== 'application/json')
    return 'This is for the page of this server.'
  let text = ''
  for await (const chunk of request) {
    text += String(chunk)
    if (text.length > 10_000) return 'That is too long.'
  }
  try {
    const { name, type, size } = JSON.parse(text) as Partial<Record<keyof Wish, unknown>>
    if (typeof name !== 'string' || !/^[\p{L}\p{N}][\p{L}\p{N} ._()-]{0,199}$/u.test(name))
      return 'Rename the file: a name has letters, digits, spaces and . _ ( ) -'
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0 || size > LARGEST)
      return 'Files may have at most 5 GB.'
    const known = typeof type === 'string' && /^[\w.+-]+\/[\w.+-]+$/.test(type)
    return { name, type: known ? type : 'application/octet-stream', size }
  } catch {
    return 'That is not JSON.'
  }
}

const LARGEST = 5_000_000_000
