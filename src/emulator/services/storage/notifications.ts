import type { HttpResponse } from '../../../protocol/http.ts'
import { emptyAnswer, jsonAnswer } from '../../answers.ts'
import { invalid, notFound, required } from '../../api-failure.ts'
import { checkShape, checkTextMap, checkTexts, pick } from '../../fields.ts'
import { type Call, type JsonObject, readJsonObject } from '../../service.ts'
import { type Bucket, requireBucket, storageState } from './storage-state.ts'

/** What is to be told about a bucket, and to which topic. It is kept, and nothing is ever sent. */
export interface NotificationConfig {
  readonly id: string
  readonly fields: JsonObject
}

/** `storage.notifications.insert` */
export async function insertNotification(call: Call): Promise<HttpResponse> {
  const fields = pick(await readJsonObject(call.body), FIELDS)
  checkFields(fields)
  const bucket = requireBucket(call)
  if (bucket.notifications.size >= MOST_CONFIGS) {
    throw invalid(`A bucket has at most ${MOST_CONFIGS} notification configurations.`)
  }
  const storage = storageState(call)
  storage.lastNotification += 1
  const config = { id: String(storage.lastNotification), fields }
  bucket.notifications.set(config.id, config)
  return jsonAnswer(notificationResource(call, bucket, config))
}

/** `storage.notifications.get` */
export function getNotification(call: Call): HttpResponse {
  const bucket = requireBucket(call)
  return jsonAnswer(notificationResource(call, bucket, requireConfig(call, bucket)))
}

/** `storage.notifications.list` */
export function listNotifications(call: Call): HttpResponse {
  const bucket = requireBucket(call)
  const items = [...bucket.notifications.values()].map((config) => notificationResource(call, bucket, config))
  return jsonAnswer({ kind: 'storage#notifications', ...(items.length > 0 && { items }) })
}

/** `storage.notifications.delete` */
export function deleteNotification(call: Call): HttpResponse {
  const bucket = requireBucket(call)
  bucket.notifications.delete(requireConfig(call, bucket).id)
  return emptyAnswer()
}

function notificationResource(
  { origin }: Call,
  { name }: Bucket,
  { id, fields }: NotificationConfig,
): JsonObject {
  return {
    kind: 'storage#notification',
    id,
    selfLink: `${origin}/storage/v1/b/${encodeURIComponent(name)}/notificationConfigs/${id}`,
    ...fields,
    etag: id,
  }
}

function requireConfig({ parameters }: Call, { notifications }: Bucket): NotificationConfig {
  const config = notifications.get(parameters.text('notification')!)
  if (!config) throw notFound('The specified notification configuration does not exist.')
  return config
}

function checkFields(fields: JsonObject): void {
  checkTexts(fields, ['topic', 'payload_format', 'object_name_prefix'])
  checkTextMap(fields.custom_attributes, 'custom_attributes')
  checkShape(fields.event_types, ['string'], 'event_types')
  // The checks above are what makes them that.
  const { topic, payload_format: format } = fields as Readonly<Record<string, string | undefined>>
  const events = (fields.event_types ?? []) as readonly unknown[]
  if (topic === undefined) throw required('topic')
  if (format === undefined) throw required('payload_format')
  if (!TOPIC.test(topic)) {
    throw invalid('The topic must be //pubsub.googleapis.com/projects/PROJECT/topics/TOPIC.')
  }
  if (!['JSON_API_V1', 'NONE'].includes(format)) {
    throw invalid('The payload_format must be JSON_API_V1 or NONE.')
  }
  const unknown = events.find((event) => !EVENTS.includes(String(event)))
  if (unknown !== undefined) throw invalid(`The event_types must be among ${EVENTS.join(', ')}.`)
}

const FIELDS = ['topic', 'payload_format', 'event_types', 'custom_attributes', 'object_name_prefix']
const EVENTS = ['OBJECT_FINALIZE', 'OBJECT_METADATA_UPDATE', 'OBJECT_DELETE', 'OBJECT_ARCHIVE']
const TOPIC = /^(\/\/pubsub\.googleapis\.com\/)?projects\/[^/]+\/topics\/[^/]+$/
const MOST_CONFIGS = 100
