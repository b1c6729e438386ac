import { toBase64 } from '../../../protocol/base64.ts'
import type { HttpResponse } from '../../../protocol/http.ts'
import { emptyAnswer, jsonAnswer } from '../../answers.ts'
import { invalid, invalidParameter, notFound } from '../../api-failure.ts'
import { nextId } from '../../ids.ts'
import { pageSize, takePage } from '../../pages.ts'
import { type Call, type JsonObject, readJsonObject } from '../../service.ts'
import { unmet } from './preconditions.ts'
import { storageState } from './storage-state.ts'

/** A key for the signatures of older clients. */
export interface HmacKey {
  readonly accessId: string
  readonly secret: string
  readonly project: string
  readonly serviceAccountEmail: string
  readonly timeCreated: number
  state: 'ACTIVE' | 'INACTIVE' | 'DELETED'
  updated: number
  revision: number
}

/** `storage.projects.hmacKeys.create`: the only answer that holds the secret. Any address passes for a service account. */
export function createHmacKey(call: Call): HttpResponse {
  const { parameters, clock } = call
  const serviceAccountEmail = parameters.text('serviceAccountEmail')!
  if (!/^[^\s@]+@[^\s@]+$/.test(serviceAccountEmail)) {
    throw invalidParameter('serviceAccountEmail', 'It must be the address of a service account.')
  }
  const now = clock.now()
  const key: HmacKey = {
    accessId: `GOOG1E${nextId(call, 55, 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567')}`,
    secret: toBase64(crypto.getRandomValues(new Uint8Array(30))),
    project: parameters.text('projectId')!,
    serviceAccountEmail,
    timeCreated: now,
    state: 'ACTIVE',
    updated: now,
    revision: 1,
  }
  storageState(call).hmacKeys.set(key.accessId, key)
  return jsonAnswer({ kind: 'storage#hmacKey', secret: key.secret, metadata: keyMetadata(call, key) })
}

/** `storage.projects.hmacKeys.get` */
export function getHmacKey(call: Call): HttpResponse {
  return jsonAnswer(keyMetadata(call, requireKey(call)))
}

/** `storage.projects.hmacKeys.list` */
export function listHmacKeys(call: Call): HttpResponse {
  const { parameters, method } = call
  const project = parameters.text('projectId')
  const email = parameters.text('serviceAccountEmail')
  const deleted = parameters.flag('showDeletedKeys')
  const keys = [...storageState(call).hmacKeys.values()].filter(
    (key) =>
      key.project === project &&
      (email === undefined || key.serviceAccountEmail === email) &&
      (deleted || key.state !== 'DELETED'),
  )
  const { items, nextPageToken } = takePage(keys, {
    size: pageSize(parameters.number('maxResults'), 250, 250),
    token: parameters.text('pageToken'),
    key: [method.id, project, email, deleted],
    id: ({ accessId }) => accessId,
  })
  return jsonAnswer({
    kind: 'storage#hmacKeysMetadata',
    ...(nextPageToken !== undefined && { nextPageToken }),
    ...(items.length > 0 && { items: items.map((key) => keyMetadata(call, key)) }),
  })
}

/** `storage.projects.hmacKeys.update`: its state, and nothing else. */
export async function updateHmacKey(call: Call): Promise<HttpResponse> {
  const { state, etag } = await readJsonObject(call.body)
  const key = requireKey(call)
  if (state !== 'ACTIVE' && state !== 'INACTIVE') throw invalid('The state must be ACTIVE or INACTIVE.')
  if (key.state === 'DELETED') throw invalid('The key was deleted and cannot be changed.')
  if (etag !== undefined && etag !== null && etag !== etagOf(key)) throw unmet('etag', 'parameter')
  setState(call, key, state)
  return jsonAnswer(keyMetadata(call, key))
}

/** `storage.projects.hmacKeys.delete`, of a key that is not in use. */
export function deleteHmacKey(call: Call): HttpResponse {
  const key = requireKey(call)
  if (key.state === 'ACTIVE') throw invalid('The key is ACTIVE; make it INACTIVE before it is deleted.')
  setState(call, key, 'DELETED')
  return emptyAnswer()
}

function setState({ clock }: Call, key: HmacKey, state: HmacKey['state']): void {
  key.state = state
  key.revision += 1
  key.updated = clock.now()
}

function requireKey(call: Call): HmacKey {
  const { parameters } = call
  const key = storageState(call).hmacKeys.get(parameters.text('accessId')!)
  if (!key || key.project !== parameters.text('projectId')) throw notFound('The access ID does not exist.')
  return key
}

function keyMetadata({ origin }: Call, key: HmacKey): JsonObject {
  const { accessId, project, serviceAccountEmail, state } = key
  const path = `projects/${encodeURIComponent(project)}/hmacKeys/${accessId}`
  return {
    kind: 'storage#hmacKeyMetadata',
    id: `${project}/${accessId}`,
    selfLink: `${origin}/storage/v1/${path}`,
    accessId,
    projectId: project,
    serviceAccountEmail,
    state,
    timeCreated: new Date(key.timeCreated).toISOString(),
    updated: new Date(key.updated).toISOString(),
    etag: etagOf(key),
  }
}

function etagOf({ accessId, revision }: HmacKey): string {
  return btoa(`${accessId}/${revision}`)
}
