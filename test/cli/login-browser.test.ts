/** `discokit login` with a real browser in front of it. */
import { existsSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createClient } from 'discokit'
import { userCredentials } from 'discokit/auth'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { fileLoginStore } from 'discokit/node'
import { type Browser, chromium, type Page } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { clientFile, startLogin } from './login-command.ts'

const CHROMIUM = '/usr/bin/chromium'
const isThere = existsSync(CHROMIUM)
if (!isThere) process.stderr.write(`skipped: there is no ${CHROMIUM}\n`)
const CREATE = 'https://www.googleapis.com/auth/drive.file'

describe('in a browser, somebody', () => {
  beforeEach(({ skip }) => skip(!isThere, `there is no ${CHROMIUM}`))
  let folder: string
  let emulator: Emulator
  let browser: Browser
  beforeAll(async () => {
    if (!isThere) return
    folder = await mkdtemp(join(tmpdir(), 'discokit-browser-'))
    emulator = await createEmulator()
    await emulator.listen()
    emulator.user({ email: 'ada@example.com', name: 'Ada' })
    await writeFile(join(folder, 'client.json'), clientFile(emulator))
    const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [...args, '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    })
  }, 60_000)
  afterAll(async () => {
    if (!isThere) return
    await browser.close()
    await emulator.close()
    await rm(folder, { recursive: true })
  })

  const start = (...argv: string[]): ReturnType<typeof startLogin> =>
    startLogin(['--no-browser', '--client', 'client.json', ...argv], folder, emulator.url)
  const store = (): ReturnType<typeof fileLoginStore> =>
    fileLoginStore({ folder: join(folder, 'config/logins') })

  /** Goes to the page of consent, answers, and stays where that leads. */
  async function answerIn(page: Page, address: string, button: 'Allow' | 'Cancel'): Promise<void> {
    const violations: string[] = []
    page.on('console', (message) => violations.push(message.text()))
    page.on('pageerror', (error) => violations.push(error.message))
    await page.goto(address)
    await page.getByRole('button', { name: button }).click()
    await page.getByRole('heading', { name: 'You can close this page' }).waitFor()
    expect(violations).toEqual([])
  }

  test('signs in, refuses, and then grants one more scope', async () => {
    const context = await browser.newContext({ viewport: { width: 320, height: 640 }, colorScheme: 'dark' })
    const page = await context.newPage()

    const refused = await start()
    await answerIn(page, refused.address, 'Cancel')
    expect(await refused.outcome).toMatchObject({ code: 1, stderr: expect.stringContaining('access_denied') })
    expect(await store().accounts()).toEqual([])

    const first = await start()
    await answerIn(page, first.address, 'Allow')
    expect(await page.evaluate<unknown>('document.documentElement.scrollWidth')).toBe(320) // fits a phone
    expect(await first.outcome).toMatchObject({
      code: 0,
      stdout: expect.stringContaining('ok signed in            ada@example.com'),
    })
    // Back and forth brings nothing: the port is closed, and the code is used.
    await expect(page.reload()).rejects.toThrow('ERR_CONNECTION_REFUSED')

    const second = await start('--for', 'drive.files.create')
    await page.goto(second.address)
    expect(await page.getByRole('checkbox', { checked: true }).count()).toBe(3)
    await answerIn(page, second.address, 'Allow')
    const { code, stdout } = await second.outcome
    expect(code).toBe(0)
    expect(stdout).toContain('ok granted              openid, email, drive.file')

    const { client, refreshToken = '', scopes } = (await store().get('default'))!.login
    expect(scopes).toContain(CREATE)
    await using google = createClient({
      endpoint: emulator.url,
      auth: userCredentials({ ...client!, refreshToken }),
    })
    const drive = await google.discover('drive:v3')
    const made = await drive['files'].create({ body: { name: 'hello.txt' } })
    expect(made).toMatchObject({ name: 'hello.txt' })
    await context.close()
  }, 60_000)
})
