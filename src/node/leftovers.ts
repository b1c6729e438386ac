import fs from 'node:fs'
import { join } from 'node:path'

/**
 * Removes what downloads to one name left in a folder when their process was killed: files named `prefix`, a UUID and `.part`
 * into which nothing was written for a day. A download that is under way writes, or is given up long before. Only regular files
 * of this user that have no other name are removed; what cannot be looked at stays.
 */
export async function removeLeftovers(folder: string, prefix: string): Promise<void> {
  const names = await partsIn(folder)
  const own = names.filter((name) => name.startsWith(prefix) && name.length === prefix.length + ENDING_LENGTH)
  await Promise.all(own.map((name) => removeDead(join(folder, name))))
}

const ENDING = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\.part$/
const ENDING_LENGTH = 41
const DEAD_AFTER_MS = 86_400_000

/**
 * The folders that were looked into last. What is in them is not of interest before it is a day old, and a folder that many
 * files are saved in may be too large to be read for each.
 */
const lookedInto = /* @__PURE__ */ new Map<
  string,
  { readonly at: number; readonly names: Promise<string[]> }
>()
const LOOK_AGAIN_AFTER_MS = 3_600_000
const MOST_FOLDERS = 100

function partsIn(folder: string): Promise<string[]> {
  const known = lookedInto.get(folder)
  if (known && Date.now() - known.at < LOOK_AGAIN_AFTER_MS) return known.names
  const names = fs.promises.readdir(folder).then(
    (all) => all.filter((name) => ENDING.test(name)),
    () => [],
  )
  lookedInto.delete(folder) // so that it is the last one
  lookedInto.set(folder, { at: Date.now(), names })
  if (lookedInto.size > MOST_FOLDERS) lookedInto.delete(lookedInto.keys().next().value!)
  return names
}

async function removeDead(path: string): Promise<void> {
  const stats = await fs.promises.lstat(path).catch(() => undefined)
  if (!stats?.isFile() || stats.nlink !== 1) return
  const user = process.getuid?.()
  const isOurs = user === undefined || stats.uid === user
  if (isOurs && Date.now() - stats.mtimeMs > DEAD_AFTER_MS) await fs.promises.rm(path).catch(() => {})
}
