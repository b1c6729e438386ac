import type { HttpHeaders, HttpResponse } from '../../protocol/http.ts'
import { emptyAnswer, textAnswer } from '../answers.ts'
import { ApiFailure } from '../api-failure.ts'

/** The elements of a document in XML: a text, or elements in elements; a list is the same element several times. */
export interface XmlElements {
  readonly [name: string]: string | XmlElements | readonly (string | XmlElements)[] | undefined
}

/** A document in XML. */
function xmlText(elements: XmlElements): string {
  return `<?xml version='1.0' encoding='UTF-8'?>${write(elements)}`
}

/** An answer that holds one. */
export function xmlAnswer(elements: XmlElements, status = 200, headers: HttpHeaders = {}): HttpResponse {
  return textAnswer(xmlText(elements), status, {
    'content-type': 'application/xml; charset=UTF-8',
    'cache-control': 'private, max-age=0',
    ...headers,
  })
}

/** A failure as the XML API words it: the code is its reason, and there may be more elements beside the message. */
export function xmlFailure(
  status: number,
  code: string,
  message: string,
  more: Readonly<Record<string, string>> = {},
): ApiFailure {
  return Object.assign(new ApiFailure(status, code, message), { [elementsOf]: more })
}

/** The answer that a failure becomes, also one of the JSON API, which the same things are called differently in. */
export function xmlErrorAnswer(failure: ApiFailure): HttpResponse {
  const { status, reason, message, details } = failure
  const { headers = {} } = details
  if (status === 304) return emptyAnswer(304, headers)
  const own = elementsOf in failure ? (failure[elementsOf] as Readonly<Record<string, string>>) : undefined
  const [code, text] = own ? [reason, message] : (translated(failure) ?? [BY_STATUS[status], undefined])
  const Details = own || text === undefined ? undefined : message
  return xmlAnswer(
    { Error: { Code: code ?? 'InvalidArgument', Message: text ?? message, Details, ...own } },
    status,
    headers,
  )
}

const elementsOf: unique symbol = Symbol('elements')

function translated({ status, reason, message }: ApiFailure): [code: string, message: string] | undefined {
  if (message.startsWith('The specified bucket'))
    return ['NoSuchBucket', 'The specified bucket does not exist.']
  if (status === 404) return ['NoSuchKey', 'The specified key does not exist.']
  if (/^Provided .* doesn't match/.test(message))
    return ['BadDigest', 'The Content-MD5 or checksum value you specified did not match what we received.']
  if (reason === 'conditionNotMet')
    return ['PreconditionFailed', 'At least one of the pre-conditions you specified did not hold.']
  if (status === 416) return ['InvalidRange', 'The requested range cannot be satisfied.']
  if (status === 401) return ['AuthenticationRequired', 'Authentication required.']
  if (status === 403) return ['AccessDenied', 'Access denied.']
  return undefined
}

const BY_STATUS: Readonly<Record<number, string>> = {
  400: 'InvalidArgument',
  405: 'MethodNotAllowed',
  408: 'RequestTimeout',
  409: 'Conflict',
  429: 'SlowDown',
  500: 'InternalError',
  501: 'NotImplemented',
  502: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'InternalError',
}

function write(elements: XmlElements): string {
  return Object.entries(elements)
    .flatMap(([name, value]) => {
      const values = value === undefined ? [] : Array.isArray(value) ? value : [value]
      return values.map(
        (each: string | XmlElements) =>
          `<${name}>${typeof each === 'string' ? escape(each) : write(each)}</${name}>`,
      )
    })
    .join('')
}

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => `&#${character.charCodeAt(0)};`)
}
