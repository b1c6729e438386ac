import type { HttpResponse } from '../../../protocol/http.ts'
import { callerEmail } from '../../account-state.ts'
import { jsonAnswer } from '../../answers.ts'
import { ApiFailure, invalidParameter } from '../../api-failure.ts'
import { idOf, nextId } from '../../ids.ts'
import { takePage } from '../../pages.ts'
import { type Call, type JsonObject, readJsonObject } from '../../service.ts'
import type { StateSlot } from '../../state.ts'

/** `urlshortener.url.insert`: a short address of the caller's own; without an account, one for all. */
export async function insertUrl(call: Call): Promise<HttpResponse> {
  const { longUrl } = await readJsonObject(call.body)
  const urls = call.state.get(slot)
  const long = readLongUrl(longUrl)
  const code = call.principal ? nextId(call, 6, LETTERS) : idOf(long, 6, LETTERS)
  const url: ShortUrl = {
    id: `http://goo.gl/${code}`,
    longUrl: long,
    created: call.clock.now(),
    owner: call.principal && callerEmail(call),
  }
  if (!urls.has(url.id)) urls.set(url.id, url)
  return jsonAnswer(urlResource(urls.get(url.id)!, undefined))
}

/** `urlshortener.url.get` */
export function getUrl(call: Call): HttpResponse {
  const url = call.state.get(slot).get(call.parameters.text('shortUrl')!)
  if (url) return jsonAnswer({ ...urlResource(url, call.parameters.text('projection')), status: 'OK' })
  throw new ApiFailure(404, 'notFound', 'Not Found', { location: 'shortUrl', locationType: 'parameter' })
}

/** `urlshortener.url.list`: what the caller made, newest first. Its page token goes by `start-token`. */
export function listUrls(call: Call): HttpResponse {
  const email = callerEmail(call)
  const projection = call.parameters.text('projection')
  const own = [...call.state.get(slot).values()].filter(({ owner }) => owner === email).toReversed()
  const { items, nextPageToken } = takePage(own, {
    size: PAGE_SIZE,
    token: call.parameters.text('start-token'),
    key: [call.method.id, email, projection],
    id: ({ id }) => id,
  })
  return jsonAnswer({
    kind: 'urlshortener#urlHistory',
    totalItems: own.length,
    itemsPerPage: PAGE_SIZE,
    ...(nextPageToken !== undefined && { nextPageToken }),
    items: items.map((url) => ({ ...urlResource(url, projection), status: 'OK' })),
  })
}

interface ShortUrl {
  readonly id: string
  readonly longUrl: string
  readonly created: number
  readonly owner: string | undefined
}

const slot: StateSlot<Map<string, ShortUrl>> = { create: () => new Map() }
const PAGE_SIZE = 30
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789'

function readLongUrl(longUrl: unknown): string {
  if (typeof longUrl !== 'string' || longUrl === '') {
    throw invalidParameter('resource.longUrl', 'Required', 'required')
  }
  try {
    const { protocol, href } = new URL(longUrl)
    if (protocol === 'http:' || protocol === 'https:') return href
  } catch {
    // Falls through to the refusal below.
  }
  throw invalidParameter('resource.longUrl')
}

/** Nobody follows short addresses here, so there is never a click to tell of. */
function urlResource({ id, longUrl, created }: ShortUrl, projection: string | undefined): JsonObject {
  const none = { shortUrlClicks: '0', longUrlClicks: '0' }
  return {
    kind: 'urlshortener#url',
    id,
    longUrl,
    ...(projection !== undefined && {
      created: new Date(created).toISOString(),
      analytics: { allTime: none, month: none, week: none, day: none, twoHours: none },
    }),
  }
}
