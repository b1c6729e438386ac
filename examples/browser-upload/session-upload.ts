import { createClient, type Transport } from 'discokit'
import { anonymous } from 'discokit/auth'
import { createUploadControl, xhrTransport } from 'discokit/media'
import { localUploadStore } from './local-upload-store.ts'
import type { Progress, Uploading } from './uploading.ts'

/** Where the files go. */
export interface Config {
  readonly bucket: string
  /** Of an emulator. */
  readonly endpoint?: string
}

/**
 * Uploads a file in a session that the server begins: broken connections are survived, it can be paused, and after a reload the
 * same file goes on where it was.
 */
export function uploadInSession(
  file: File,
  config: Config,
  onProgress: (progress: Progress) => void,
): Uploading {
  const control = createUploadControl()
  const done = (async () => {
    const google = createClient({
      auth: anonymous(),
      transport: beginningAtOurServer(file),
      ...(config.endpoint !== undefined && { endpoint: config.endpoint }),
    })
    const storage = await google.discover('storage:v1')
    await storage['objects'].insert(
      { bucket: config.bucket, name: file.name, media: file },
      {
        upload: { kind: 'resumable', chunkBytes: CHUNK_BYTES, store: localUploadStore(), control },
        onProgress: ({ acknowledged, bytesPerSecond }: { acknowledged: number; bytesPerSecond?: number }) =>
          onProgress({ done: acknowledged, total: file.size, bytesPerSecond }),
      },
    )
  })()
  return {
    done,
    cancel: () => void control.abort(new Error('Cancelled.')),
    pause: () => control.pause(),
    resume: () => control.resume(),
  }
}

const CHUNK_BYTES = 4 * 1_048_576

/** The page may not begin a session, so our server is asked to. All else goes where it should. */
function beginningAtOurServer({ name, type, size }: File): Transport {
  const send = xhrTransport()
  return (request, context) => {
    const { searchParams } = new URL(request.url)
    const begins = searchParams.get('uploadType') === 'resumable' && !searchParams.has('upload_id')
    if (!begins) return send(request, context)
    const url = new URL('/session', location.href).href
    const headers = { 'content-type': 'application/json' }
    return send({ method: 'POST', url, headers, body: JSON.stringify({ name, type, size }) }, context)
  }
}
