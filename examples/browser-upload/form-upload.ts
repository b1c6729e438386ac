import type { Progress, Uploading } from './uploading.ts'

/** Uploads a file by a form whose policy the server signed. It is one request: it cannot be paused, and begins anew after a failure. */
export function uploadByForm(file: File, onProgress: (progress: Progress) => void): Uploading {
  const xhr = new XMLHttpRequest() // fetch does not tell how much was sent
  const startedAt = performance.now()
  const done = (async () => {
    const { url, fields } = await askForPolicy(file)
    const form = new FormData()
    for (const [name, value] of Object.entries(fields)) form.append(name, value)
    form.append('file', file) // the last: what follows it does not count
    await new Promise<void>((resolve, reject) => {
      xhr.upload.addEventListener('progress', ({ loaded, total }) => {
        // The fields are counted too.
        const sent = Math.max(0, loaded - (total - file.size))
        const seconds = (performance.now() - startedAt) / 1_000
        onProgress({
          done: sent,
          total: file.size,
          bytesPerSecond: seconds > 0.5 ? sent / seconds : undefined,
        })
      })
      xhr.addEventListener('load', () => (xhr.status === 201 ? resolve() : reject(refusal(xhr))))
      xhr.addEventListener('error', () => reject(new Error('The connection failed. Try again.')))
      xhr.addEventListener('abort', () => reject(new Error('Cancelled.')))
      xhr.open('POST', url)
      xhr.send(form)
    })
  })()
  return { done, cancel: () => xhr.abort() }
}

async function askForPolicy({
  name,
  type,
  size,
}: File): Promise<{ url: string; fields: Record<string, string> }> {
  const response = await fetch('/policy', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ name, type, size }),
  })
  const answer: unknown = await response.json()
  if (!response.ok) throw new Error((answer as { error: { message: string } }).error.message)
  return answer as { url: string; fields: Record<string, string> }
}

function refusal({ status, responseText }: XMLHttpRequest): Error {
  const told = (element: string): string | undefined =>
    new RegExp(`<${element}>([^<]*)</${element}>`).exec(responseText)?.[1]
  return new Error(
    `Cloud Storage refused it (${status}): ${told('Details') ?? told('Message') ?? 'no reason given'}`,
  )
}
