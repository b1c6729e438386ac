import { type ChildProcess, spawn } from 'node:child_process'
import { randomFillSync } from 'node:crypto'
import { once } from 'node:events'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { BrowserContext, Locator, Page } from 'playwright-core'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Client, createClient } from 'discokit'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { crc32c } from 'discokit/media'
import { formatCrc32c } from '../../src/protocol/crc32c.ts'
import { needBrowser, openBrowser, present } from './browser.ts'

const MEGABYTES_100 = 100_000_000

let emulator: Emulator
let google: Client
let folder: string
let server: ChildProcess
let address: string
let browser: BrowserContext & AsyncDisposable
let content: Buffer
let page: Page

beforeEach(needBrowser)
beforeAll(async () => {
  if (!present) return
  emulator = await createEmulator()
  const { url } = await emulator.listen()
  google = createClient({ ...emulator.connect(), auth: emulator.serviceAccount() })
  folder = await mkdtemp(join(tmpdir(), 'discokit-browser-upload-'))
  await writeFile(join(folder, 'key.json'), JSON.stringify(await emulator.serviceAccountKey()))
  content = randomFillSync(Buffer.alloc(MEGABYTES_100))
  await writeFile(join(folder, 'clip.mp4'), content)
  const flags = ['--import', import.meta.resolve('tsx'), '--conditions=discokit-source']
  const program = [resolve('examples/browser-upload/server.ts'), join(folder, 'key.json'), 'my-uploads']
  server = spawn(process.execPath, [...flags, ...program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, DISCOKIT_EMULATOR: url },
  })
  const [line] = (await once(server.stdout!, 'data')) as [Buffer]
  address = /http:\S+/.exec(String(line))![0]
  browser = await openBrowser()
})
afterAll(async () => {
  await browser?.[Symbol.asyncDispose]()
  server?.kill()
  await emulator?.close()
  if (folder) await rm(folder, { recursive: true })
})

beforeEach(async () => {
  emulator.reset()
  await makeBucket()
  page = await browser.newPage()
  page.on('pageerror', (error) => expect.fail(`the page failed: ${error}`))
  await page.goto(address)
})
afterEach(() => page?.close())

async function makeBucket(): Promise<void> {
  const storage = await google.discover('storage:v1')
  const cors = [{ origin: [address], method: ['POST'], responseHeader: ['Content-Type'] }]
  await storage['buckets'].insert({ project: 'p', body: { name: 'my-uploads', cors } })
}

/** The object as the server has it. */
async function stored(
  name: string,
): Promise<{ crc32c: string; size: string; contentType: string } | undefined> {
  const storage = await google.discover('storage:v1')
  const { items = [] } = await storage['objects'].list({ bucket: 'my-uploads', prefix: name })
  return items.find((item: { name: string }) => item.name === name)
}

/** What the server must have of the file. */
const whole = (): object => ({
  crc32c: formatCrc32c(crc32c(content)),
  size: String(MEGABYTES_100),
  contentType: 'video/mp4',
})
const button = (name: string): Locator => page.getByRole('button', { name })
const done = (): Promise<number> => page.evaluate(() => document.querySelector('progress')!.value)
const until = (part: number): Promise<unknown> =>
  page.waitForFunction((least) => document.querySelector('progress')!.value >= least, part)

/** Lets the page send so many bytes a second, -1 for any number: what it sends is not over before it can be looked at. */
async function withRate(uploadThroughput: number): Promise<void> {
  const session = await browser.newCDPSession(page)
  const conditions = { offline: false, latency: 0, downloadThroughput: -1, uploadThroughput }
  await session.send('Network.emulateNetworkConditions', conditions)
}

describe('the page', () => {
  test('uploads 100 MB by a form, straight to the bucket', async () => {
    await page.getByLabel('File', { exact: true }).setInputFiles(join(folder, 'clip.mp4'))
    await page.getByLabel('By a form').check()
    await button('Upload').click()
    await page.getByText('clip.mp4 is uploaded.').waitFor()
    expect(await page.locator('#figures').textContent()).toBe('100 % · 100.0 of 100.0 MB')
    expect(await stored('clip.mp4')).toMatchObject(whole())
  })

  test('can be used by keyboard alone', async () => {
    await page
      .getByLabel('File', { exact: true })
      .setInputFiles({ name: 'a.txt', mimeType: 'text/plain', buffer: Buffer.from('hello') })
    await page.getByLabel('File', { exact: true }).focus()
    await page.keyboard.press('Tab') // to the choice
    await page.keyboard.press('ArrowDown') // by a form
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter')
    await page.getByText('a.txt is uploaded.').waitFor()
    expect(await stored('a.txt')).toMatchObject({ crc32c: 'mnG7TA==', size: '5' })
  })

  test('uploads 100 MB in a session, with a pause', async () => {
    await withRate(50_000_000)
    await page.getByLabel('File', { exact: true }).setInputFiles(join(folder, 'clip.mp4'))
    await button('Upload').click()
    await until(0.2)
    await button('Pause').click()
    await page.getByText('Paused.').waitFor()
    const there = await done()
    const asked = emulator.journal.exchanges.length
    await page.waitForTimeout(300) // nothing happens for a while
    expect(emulator.journal.exchanges.length - asked).toBeLessThanOrEqual(1)
    expect([there < 1, await done()]).toEqual([true, there])
    await button('Resume').click()
    await page.getByText('clip.mp4 is uploaded.').waitFor()
    expect(await stored('clip.mp4')).toMatchObject(whole())
  })

  test('goes on after a reload in the middle of a session', async () => {
    await withRate(50_000_000)
    await page.getByLabel('File', { exact: true }).setInputFiles(join(folder, 'clip.mp4'))
    await button('Upload').click()
    await until(0.3)
    await page.reload()
    await withRate(-1)
    emulator.journal.clear()

    await page.getByText(/^clip\.mp4 is not complete: [\d.]+ of 100\.0 MB are there\./).waitFor()
    await page.getByLabel('File', { exact: true }).setInputFiles(join(folder, 'clip.mp4'))
    await button('Upload').click()
    await page.getByText('clip.mp4 is uploaded.').waitFor()
    expect(await stored('clip.mp4')).toMatchObject(whole())
    // The same session, from where it was; nothing of the beginning went again.
    const ranges = emulator.journal.exchanges.flatMap(({ headers }) => headers['content-range'] ?? [])
    expect(ranges[0]).toBe(`bytes */${MEGABYTES_100}`)
    const firsts = ranges.flatMap((range) => /^bytes (\d+)-/.exec(range)?.[1] ?? [])
    expect(Math.min(...firsts.map(Number))).toBeGreaterThanOrEqual(0.3 * MEGABYTES_100)
    expect(await page.evaluate(() => localStorage.length)).toBe(0)
  })

  test('is cancelled at the server too', async () => {
    await withRate(50_000_000)
    await page.getByLabel('File', { exact: true }).setInputFiles(join(folder, 'clip.mp4'))
    await button('Upload').click()
    await until(0.1)
    await button('Cancel').click()
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').textContent()).toBe('Cancelled.')
    expect(await page.locator('#figures').textContent()).toMatch(/^\d+ % · [\d.]+ of 100\.0 MB$/)
    expect(await page.evaluate(() => localStorage.length)).toBe(0)
    expect(emulator.journal.exchanges.map(({ method, status }) => `${method} ${status}`)).toContain(
      'DELETE 499',
    )
    expect(await stored('clip.mp4')).toBeUndefined()
  })

  test.each(['In a session', 'By a form'])('says why the server does not let it, %s', async (way) => {
    const wrong = { name: '<b>.txt', mimeType: 'text/plain', buffer: Buffer.from('x') }
    await page.getByLabel('File', { exact: true }).setInputFiles(wrong)
    await page.getByLabel(way).check()
    await button('Upload').click()
    await page.getByRole('alert').waitFor()
    expect(await page.getByRole('alert').textContent()).toMatch(/^Rename the file/)
    expect(await stored('<b>.txt')).toBeUndefined()
  })
})
