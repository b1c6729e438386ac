import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach } from 'vitest'

/** A folder of its own for each test of the file, gone after it. Gives paths in it. */
export function useFolder(): (name?: string) => string {
  let folder: string
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'discokit-media-'))
  })
  afterEach(() => rm(folder, { recursive: true, force: true }))
  return (name = '') => join(folder, name)
}
