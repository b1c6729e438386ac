import type { HttpHeaders, HttpRequest, HttpResponse, Transport, TransportContext } from 'discokit'

/** A transport with a list of what was sent through it. */
export type Recorder = Transport & { readonly requests: HttpRequest[] }

/** A transport that answers by a function, which is told how many requests came before. */
export function answering(
  give: (
    request: HttpRequest,
    index: number,
    context: TransportContext,
  ) => HttpResponse | Promise<HttpResponse>,
): Recorder {
  const requests: HttpRequest[] = []
  const transport: Transport = async (request, context) => give(request, requests.push(request) - 1, context)
  return Object.assign(transport, { requests })
}

/** An answer; an object becomes JSON. */
export function answer(
  status: number,
  content: string | Uint8Array | object = '',
  headers: HttpHeaders = {},
): HttpResponse {
  const plain = typeof content === 'string' || content instanceof Uint8Array
  const bytes = content instanceof Uint8Array ? content : new TextEncoder().encode(text(content))
  return {
    status,
    headers: { ...(!plain && { 'content-type': 'application/json; charset=UTF-8' }), ...headers },
    body: wholeBody(async () => bytes),
  }
}

/** An answer whose body never comes to an end, unless the call does. */
export function endlessAnswer(context: TransportContext, status = 200, onCancel?: () => void): HttpResponse {
  const ended = new Promise<never>((_, reject) => context.onEnd(reject))
  return {
    status,
    headers: { 'content-type': 'application/json' },
    body: wholeBody(() => ended, onCancel),
  }
}

/** A promise that only the end of the call settles: a server that does not answer. */
export function noAnswer(context: TransportContext): Promise<never> {
  return new Promise((_, reject) => context.onEnd(reject))
}

function wholeBody(get: () => Promise<Uint8Array>, onCancel?: () => void): HttpResponse['body'] {
  return {
    bytes: get,
    text: async () => new TextDecoder().decode(await get()),
    async *[Symbol.asyncIterator]() {
      yield await get()
    },
    cancel: () => onCancel?.(),
  }
}

function text(content: string | object): string {
  return typeof content === 'string' ? content : JSON.stringify(content)
}
