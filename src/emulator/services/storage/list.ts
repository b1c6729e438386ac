import type { HttpResponse } from '../../../protocol/http.ts'
import { jsonAnswer } from '../../answers.ts'
import { notModelled } from '../../api-failure.ts'
import type { Call } from '../../service.ts'
import { listNames } from './list-names.ts'
import { shownObject } from './object-answer.ts'
import { formatPageToken, pageSize, parsePageToken } from './page-token.ts'
import { requireBucket, sortedNames } from './storage-state.ts'

/** `storage.objects.list`. There is one version of each object, so `versions` changes nothing. */
export function listObjects(call: Call): HttpResponse {
  const { parameters } = call
  for (const name of UNMODELLED) {
    if (parameters.all(name).some(Boolean)) throw notModelled(`the parameter ${name} of ${call.method.id}`)
  }
  const bucket = requireBucket(call)
  const page = listNames(sortedNames(bucket), {
    prefix: parameters.text('prefix') ?? '',
    delimiter: parameters.text('delimiter'),
    startOffset: parameters.text('startOffset'),
    endOffset: parameters.text('endOffset') || undefined,
    includeTrailingDelimiter: parameters.flag('includeTrailingDelimiter'),
    after: parsePageToken(parameters.text('pageToken')),
    maxResults: pageSize(parameters.number('maxResults')),
  })
  return jsonAnswer({
    kind: 'storage#objects',
    ...(page.next && { nextPageToken: formatPageToken(page.next) }),
    ...(page.prefixes.length > 0 && { prefixes: page.prefixes }),
    ...(page.names.length > 0 && {
      items: page.names.map((name) => shownObject(call, bucket.objects.get(name)!)),
    }),
  })
}

/** Parameters that choose other objects than the live ones by prefix; ignoring them would give a wrong list. */
const UNMODELLED = ['matchGlob', 'filter', 'softDeleted']
