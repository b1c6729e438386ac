import { headerParameter } from '../../protocol/header-value.ts'
import { collect } from '../../protocol/http-body.ts'
import type { HttpResponse } from '../../protocol/http.ts'
import { type DecodedPart, decodeMultipart } from '../../protocol/multipart-decode.ts'
import { emptyAnswer } from '../answers.ts'
import type { RequestBody } from '../request-body.ts'
import { storageState } from '../services/storage/storage-state.ts'
import { checkPolicy } from './check-policy.ts'
import { objectMetadata, xmlEtag } from './object-headers.ts'
import { insertObject, type XmlCaller } from './storage-call.ts'
import { readSignature, verifySignature } from './verify-signature.ts'
import { xmlAnswer, xmlFailure } from './xml-text.ts'

/**
 * An upload by a form of a page (`multipart/form-data`): fields, and then the file, which goes on its way while it arrives.
 * What comes after the file does not count.
 */
export async function answerForm(
  caller: Omit<XmlCaller, 'principal'>,
  bucket: string,
  body: RequestBody,
): Promise<HttpResponse> {
  const { stations, headers } = caller
  const boundary = headerParameter(headers['content-type'], 'boundary')
  if (!boundary) throw malformed('The form has no boundary.')
  const parts = decodeMultipart(body.chunks, boundary)
  const { fields, file } = await readFields(parts)
  const { key } = fields
  if (!key) throw malformed('The form has no field key.')
  if (key.includes('${')) throw xmlFailure(501, 'NotImplemented', 'The emulator does not model ${filename}.')
  const { principal, size } = await permitted(caller, bucket, fields)
  const { 'x-goog-hash': hash, 'content-md5': md5 } = fields
  const declared = {
    ...(hash !== undefined && { 'x-goog-hash': hash }),
    ...(md5 !== undefined && { 'content-md5': md5 }),
  }
  const upload = { bucket, object: key, metadata: objectMetadata(fields) }
  await insertObject({ ...caller, headers: declared, principal }, upload, withinSize(file.body, size))
  for await (const _ of parts) void _
  return formAnswer(caller, bucket, key, fields, stations.state)
}

/** How many bytes a file may have. */
export interface FormSize {
  readonly least: number
  readonly most: number
}

async function permitted(
  { stations }: Pick<XmlCaller, 'stations'>,
  bucket: string,
  fields: Readonly<Record<string, string>>,
): Promise<Pick<XmlCaller, 'principal'> & { size: FormSize }> {
  const { clock, gate } = stations
  const { policy } = fields
  if (policy === undefined) {
    if (gate.anonymous) return { principal: undefined, size: { least: 0, most: Infinity } }
    throw xmlFailure(403, 'AccessDenied', 'Access denied.', {
      Details:
        'Anonymous caller does not have storage.objects.create access to the Google Cloud Storage object.',
    })
  }
  const shown = {
    algorithm: fields['x-goog-algorithm'],
    credential: fields['x-goog-credential'],
    date: fields['x-goog-date'],
    signature: fields['x-goog-signature'],
  }
  // The text in base64 is what is signed.
  const principal = await verifySignature(stations, shown, readSignature(shown, clock), policy)
  return { principal, size: checkPolicy(policy, { ...fields, bucket }, clock.now()) }
}

async function formAnswer(
  { origin }: Pick<XmlCaller, 'origin'>,
  bucket: string,
  key: string,
  fields: Readonly<Record<string, string>>,
  state: XmlCaller['stations']['state'],
): Promise<HttpResponse> {
  const made = storageState({ state }).buckets.get(bucket)?.objects.get(key)
  const etag = made ? xmlEtag(made) : '""'
  const redirect = fields['success_action_redirect']
  if (redirect !== undefined && /^https?:\/\/./.test(redirect) && URL.canParse(redirect)) {
    const location = new URL(redirect)
    for (const [name, value] of Object.entries({ bucket, key, etag }))
      location.searchParams.append(name, value)
    return emptyAnswer(303, { location: location.href, etag })
  }
  const location = `${origin}/${bucket}/${key.split('/').map(encodeURIComponent).join('/')}`
  const status = fields['success_action_status']
  if (status === '201') {
    const PostResponse = { Location: location, Bucket: bucket, Key: key, ETag: etag }
    return xmlAnswer({ PostResponse }, 201, { location, etag })
  }
  return emptyAnswer(status === '200' ? 200 : 204, { location, etag })
}

/** The fields before the file, names in lower case. */
async function readFields(
  parts: AsyncGenerator<DecodedPart, void>,
): Promise<{ fields: Readonly<Record<string, string>>; file: DecodedPart }> {
  const fields = new Map<string, string>()
  for (let left = MOST_FIELD_BYTES; ;) {
    const next = await parts.next().catch(asMalformed)
    if (next.done) throw malformed('The form has no field file.')
    const name = headerParameter(next.value.headers['content-disposition'], 'name')?.toLowerCase()
    if (name === undefined) throw malformed('A field has no name.')
    if (name === 'file') return { fields: Object.fromEntries(fields), file: next.value }
    if (fields.has(name)) throw malformed(`The field ${name} is there twice.`)
    const bytes = await collect(next.value.body, left).catch(asMalformed)
    left -= bytes.length
    fields.set(name, new TextDecoder().decode(bytes))
  }
}

async function* withinSize(
  chunks: AsyncIterable<Uint8Array>,
  { least, most }: FormSize,
): AsyncGenerator<Uint8Array, void, undefined> {
  let length = 0
  try {
    for await (const chunk of chunks) {
      length += chunk.length
      if (length > most)
        throw xmlFailure(
          400,
          'EntityTooLarge',
          'Your proposed upload exceeds the maximum allowed object size.',
        )
      yield chunk
    }
  } catch (error) {
    asMalformed(error)
  }
  if (length < least)
    throw xmlFailure(400, 'EntityTooSmall', 'Your proposed upload is smaller than the minimum object size.')
}

const MOST_FIELD_BYTES = 1_048_576

function asMalformed(error: unknown): never {
  if (error instanceof SyntaxError) throw malformed(`Malformed multipart body: ${error.message}.`)
  if ((error as { reason?: unknown }).reason === 'ANSWER_TOO_LARGE')
    throw malformed(`The fields before the file have more than ${MOST_FIELD_BYTES} bytes.`)
  throw error
}

function malformed(details: string): Error {
  const message = 'The body of your POST request is not well-formed multipart/form-data.'
  return xmlFailure(400, 'MalformedPOSTRequest', message, { Details: details })
}
