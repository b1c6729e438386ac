import type { UploadState, UploadStore } from 'discokit/media'

/**
 * Keeps where uploads stand in the browser. Whoever can run programs on this origin can write to the uploads: their addresses are
 * among what is kept.
 */
export function localUploadStore(): UploadStore {
  return {
    get: async (key) => {
      const text = localStorage.getItem(PREFIX + key)
      return text === null ? undefined : (JSON.parse(text) as UploadState)
    },
    set: async (key, state) => localStorage.setItem(PREFIX + key, JSON.stringify(state)),
    delete: async (key) => localStorage.removeItem(PREFIX + key),
  }
}

/** The uploads that did not come to their end, younger than the week that sessions live. */
export function unfinishedUploads(now: number): { name: string; done: number; total: number | null }[] {
  return Object.keys(localStorage)
    .filter((key) => key.startsWith(PREFIX))
    .map((key) => JSON.parse(localStorage.getItem(key)!) as UploadState)
    .filter(({ createdAt }) => now - createdAt < WEEK_MS)
    .map(({ fingerprint, offset, total }) => ({
      // Size, time and name, as files of a page are told apart.
      name: fingerprint?.split('-').slice(2).join('-') ?? 'a file',
      done: offset,
      total,
    }))
}

const PREFIX = 'upload '
const WEEK_MS = 7 * 24 * 3_600_000
