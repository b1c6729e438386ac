import type { HttpResponse } from '../../protocol/http.ts'
import type { JsonObject } from '../service.ts'
import { storageState } from '../services/storage/storage-state.ts'
import { xmlEtag } from './object-headers.ts'
import { callStorage, type XmlCaller } from './storage-call.ts'
import { xmlAnswer } from './xml-text.ts'

/** The objects of a bucket: `prefix`, `delimiter`, `max-keys`; further pages by `marker` or `continuation-token`. */
export async function listAnswer(
  caller: XmlCaller,
  bucket: string,
  query: URLSearchParams,
): Promise<HttpResponse> {
  const one = (name: string): string | undefined => query.get(name) || undefined
  const [prefix, delimiter, maxKeys = '1000'] = ['prefix', 'delimiter', 'max-keys'].map(one)
  const token = one('marker') ?? one('continuation-token')
  const answer = await callStorage(caller, {
    methodId: 'storage.objects.list',
    parameters: { bucket, prefix, delimiter, pageToken: token, maxResults: maxKeys },
  })
  const page = JSON.parse(await answer.body.text()) as {
    items?: JsonObject[]
    prefixes?: string[]
    nextPageToken?: string
  }
  const { buckets } = storageState({ state: caller.stations.state })
  return xmlAnswer({
    ListBucketResult: {
      Name: bucket,
      Prefix: prefix ?? '',
      Marker: token ?? '',
      ...(page.nextPageToken !== undefined && {
        NextMarker: page.nextPageToken,
        NextContinuationToken: page.nextPageToken,
      }),
      IsTruncated: String(page.nextPageToken !== undefined),
      Contents: (page.items ?? []).map((item) => ({
        Key: String(item.name),
        Generation: String(item.generation),
        MetaGeneration: String(item.metageneration),
        LastModified: String(item.updated),
        ETag: xmlEtag(buckets.get(bucket)!.objects.get(String(item.name))!),
        Size: String(item.size),
      })),
      CommonPrefixes: (page.prefixes ?? []).map((each) => ({ Prefix: each })),
    },
  })
}
