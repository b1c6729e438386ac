import { GoogleApiError } from 'discokit'
import { uploadByForm } from './form-upload.ts'
import { unfinishedUploads } from './local-upload-store.ts'
import { type Config, uploadInSession } from './session-upload.ts'
import type { Progress, Uploading } from './uploading.ts'

const form = document.querySelector<HTMLFormElement>('#form')!
const picker = document.querySelector<HTMLInputElement>('#file')!
const start = document.querySelector<HTMLButtonElement>('#start')!
const pause = document.querySelector<HTMLButtonElement>('#pause')!
const cancel = document.querySelector<HTMLButtonElement>('#cancel')!
const bar = document.querySelector<HTMLProgressElement>('#bar')!
const at = (id: string): HTMLElement => document.getElementById(id)!
const figures = at('figures')
const told = at('told')
const problem = at('problem')

const config = fetch('/config').then((response) => response.json() as Promise<Config>)
let uploading: Uploading | undefined
let paused = false
let latest: Progress = { done: 0, total: 0, bytesPerSecond: undefined }

showUnfinished()
picker.addEventListener(
  'change',
  () => (start.disabled = picker.files?.length !== 1 || uploading !== undefined),
)
form.addEventListener('submit', (event) => {
  event.preventDefault()
  const file = picker.files?.[0]
  if (file && !uploading) void upload(file)
})
pause.addEventListener('click', () => {
  paused = !paused
  if (paused) uploading?.pause?.()
  else uploading?.resume?.()
  pause.textContent = paused ? 'Resume' : 'Pause'
  told.textContent = paused ? 'Paused.' : 'Uploading…'
  show(latest)
})
cancel.addEventListener('click', () => uploading?.cancel())

async function upload(file: File): Promise<void> {
  const way = new FormData(form).get('way')
  problem.hidden = true
  told.textContent = 'Uploading…'
  at('unfinished').hidden = true
  at('progress').hidden = false
  at('name').textContent = file.name
  show({ done: 0, total: file.size, bytesPerSecond: undefined })
  uploading = way === 'form' ? uploadByForm(file, show) : uploadInSession(file, await config, show)
  paused = false
  pause.textContent = 'Pause'
  pause.disabled = uploading.pause === undefined
  start.disabled = true
  cancel.disabled = false
  try {
    await uploading.done
    show({ done: file.size, total: file.size, bytesPerSecond: undefined })
    told.textContent = `${file.name} is uploaded.`
  } catch (error) {
    told.textContent = ''
    problem.textContent = wordsOf(error as Error)
    problem.hidden = false
  } finally {
    uploading = undefined
    show(latest)
    start.disabled = false
    pause.disabled = cancel.disabled = true
    pause.textContent = 'Pause'
  }
}

/** A rate is one only while something goes. */
function show(progress: Progress): void {
  latest = progress
  const { done, total } = progress
  const bytesPerSecond = uploading && !paused ? progress.bytesPerSecond : undefined
  const part = total === 0 ? 1 : done / total
  bar.value = part
  bar.textContent = `${Math.floor(part * 100)} %`
  const left = bytesPerSecond ? (total - done) / bytesPerSecond : undefined
  figures.textContent = [
    `${Math.floor(part * 100)} %`,
    `${megabytes(done)} of ${megabytes(total)} MB`,
    ...(bytesPerSecond ? [`${megabytes(bytesPerSecond)} MB/s`] : []),
    ...(left !== undefined && done < total ? [`${Math.ceil(left)} s left`] : []),
  ].join(' · ')
}

/** What a server said goes before what our client says about it. */
function wordsOf(error: Error): string {
  return error instanceof GoogleApiError ? (error.serverMessage ?? error.message) : error.message
}

function showUnfinished(): void {
  const [upload] = unfinishedUploads(Date.now())
  if (!upload) return
  const { name, done, total } = upload
  at('unfinished').textContent =
    `${name} is not complete: ${megabytes(done)} of ${total === null ? '?' : megabytes(total)} MB are there. ` +
    'Choose the same file, and it goes on from there.'
  at('unfinished').hidden = false
}

function megabytes(bytes: number): string {
  return (bytes / 1_000_000).toFixed(1)
}
