import type { RestDescription } from '../discovery/document.ts'
import { crc32c, formatCrc32c } from '../protocol/crc32c.ts'
import type { HttpHeaders, HttpResponse } from '../protocol/http.ts'
import { emptyAnswer, jsonAnswer } from './answers.ts'
import { notFound } from './api-failure.ts'
import { directoryItem, hostOf, preferredVersion, servedDocument } from './served-documents.ts'
import { type Call, defineService, type Service } from './service.ts'

/** The Discovery Service: the directory of what this emulator serves, and the documents themselves. */
export const discoveryService: Service = defineService('discovery:v1', {
  'discovery.apis.list': listApis,
  'discovery.apis.getRest': getRest,
})

/**
 * Answers `GET /$discovery/rest?version=v1`, as the hosts of newer APIs do. Without the host of an API in the address
 * there must be only one API of that version, apart from the Discovery Service itself.
 */
export function answerHostDiscovery(
  documents: readonly RestDescription[],
  host: string,
  version: string | null,
  origin: string,
  headers: HttpHeaders,
): HttpResponse {
  const ofHost = documents.filter((document) => hostOf(document) === host)
  const named =
    ofHost.length > 0 ? ofHost : documents.filter((document) => document.name !== discoveryDocumentName)
  const ofVersion = named.filter((document) => version === null || document.version === version)
  const [document] = ofVersion
  if (!document || ofVersion.length > 1) {
    const problem = document ? 'several APIs' : 'no API'
    throw notFound(
      `${problem} of version ${version ?? '(none given)'} served for ${host}: /$discovery/rest cannot answer.`,
    )
  }
  return taggedAnswer(servedDocument(document, documents, origin), headers)
}

const discoveryDocumentName = 'discovery'

function listApis({ documents, parameters, origin, headers }: Call): HttpResponse {
  const name = parameters.text('name')
  const items = documents
    .filter((document) => name === undefined || document.name === name)
    .map((document) => directoryItem(document, isPreferred(document, documents), origin))
    .filter((item) => item.preferred || !parameters.flag('preferred'))
  return taggedAnswer({ kind: 'discovery#directoryList', discoveryVersion: 'v1', items }, headers)
}

function getRest({ documents, parameters, origin, headers }: Call): HttpResponse {
  const [name, version] = [parameters.text('api'), parameters.text('version')]
  const document = documents.find((each) => each.name === name && each.version === version)
  if (!document) throw notFound(`The emulator serves no API ${name}:${version}.`)
  return taggedAnswer(servedDocument(document, documents, origin), headers)
}

/** An answer with its `ETag`, or 304 for whoever has it already (RFC 9110 section 13.1.2). */
function taggedAnswer(value: unknown, headers: HttpHeaders): HttpResponse {
  const etag = `"${formatCrc32c(crc32c(new TextEncoder().encode(JSON.stringify(value))))}"`
  const known = (headers['if-none-match'] ?? '').split(',').map((tag) => tag.trim().replace(/^W\//, ''))
  return known.includes(etag) || known.includes('*')
    ? emptyAnswer(304, { etag })
    : jsonAnswer(value, 200, { etag })
}

function isPreferred(document: RestDescription, documents: readonly RestDescription[]): boolean {
  const versions = documents.filter((each) => each.name === document.name).map((each) => each.version)
  return preferredVersion(versions) === document.version
}
