import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { afterEach, beforeEach, vi } from 'vitest'
import { useFolder } from '../media/folder.ts'

/** The home folder of a test, in which nothing is yet. */
export interface Home {
  path(name: string): string
  /** Puts a file there, and gives its path. */
  place(name: string, content: unknown): Promise<string>
}

/** Where gcloud keeps the credential of who has logged in. */
export const GCLOUD = '.config/gcloud/application_default_credentials.json'

/** Gives each test a home folder of its own, and no other place where a credential could be found. */
export function useHome(): Home {
  const path = useFolder()
  beforeEach(() => {
    for (const name of VARIABLES) vi.stubEnv(name, undefined)
    vi.stubEnv('HOME', path(''))
    vi.stubEnv('METADATA_SERVER_DETECTION', 'none')
  })
  afterEach(() => void vi.unstubAllEnvs())
  return {
    path,
    async place(name, content) {
      await mkdir(dirname(path(name)), { recursive: true })
      await writeFile(path(name), typeof content === 'string' ? content : JSON.stringify(content))
      return path(name)
    },
  }
}

const VARIABLES = (
  'GOOGLE_APPLICATION_CREDENTIALS CLOUDSDK_CONFIG APPDATA GOOGLE_CLOUD_QUOTA_PROJECT NO_GCE_CHECK ' +
  'GCE_METADATA_HOST GCE_METADATA_ROOT METADATA_SERVER_DETECTION K_SERVICE FUNCTION_NAME'
).split(' ')
