import type { RestDescription } from '../discovery/document.ts'
import type { HttpResponse } from '../protocol/http.ts'
import { jsonAnswer } from './answers.ts'
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
  return jsonAnswer(servedDocument(document, documents, origin))
}

const discoveryDocumentName = 'discovery'

function listApis({ documents, parameters, origin }: Call): HttpResponse {
  const name = parameters.text('name')
  const items = documents
    .filter((document) => name === undefined || document.name === name)
    .map((document) => directoryItem(document, isPreferred(document, documents), origin))
    .filter((item) => item.preferred || !parameters.flag('preferred'))
  return jsonAnswer({ kind: 'discovery#directoryList', discoveryVersion: 'v1', items })
}

function getRest({ documents, parameters, origin }: Call): HttpResponse {
  const [name, version] = [parameters.text('api'), parameters.text('version')]
  const document = documents.find((each) => each.name === name && each.version === version)
  if (!document) throw notFound(`The emulator serves no API ${name}:${version}.`)
  return jsonAnswer(servedDocument(document, documents, origin))
}

function isPreferred(document: RestDescription, documents: readonly RestDescription[]): boolean {
  const versions = documents.filter((each) => each.name === document.name).map((each) => each.version)
  return preferredVersion(versions) === document.version
}
