/** The page of consent in a real browser, by keyboard alone. */
import { existsSync } from 'node:fs'
import { createEmulator, type Emulator } from 'discokit/emulator'
import { type Browser, chromium } from 'playwright-core'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { asking, type Client, DRIVE, exchange, type Fields } from './sign-in.ts'

const CHROMIUM = '/usr/bin/chromium'
const isThere = existsSync(CHROMIUM)
if (!isThere) process.stderr.write(`skipped: there is no ${CHROMIUM}\n`)

describe('in a browser, the page', () => {
  beforeEach(({ skip }) => skip(!isThere, `there is no ${CHROMIUM}`))
  let emulator: Emulator
  let client: Client
  let browser: Browser
  let back: string
  beforeAll(async () => {
    if (!isThere) return
    emulator = await createEmulator()
    back = `${(await emulator.listen()).url}/back`
    client = emulator.oauthClient({ redirectUris: [back] })
    emulator.user({ email: 'ada@example.com' })
    const args = ['--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run']
    browser = await chromium.launch({
      executablePath: CHROMIUM,
      args: [...args, '--disable-background-networking', '--disable-component-update', '--disable-sync'],
    })
  }, 60_000)
  afterAll(async () => {
    await browser?.close()
    await emulator?.close()
  })

  const address = (fields: Fields = {}): string =>
    `${emulator.url}/accounts.google.com/o/oauth2/v2/auth?${asking(client, { redirect_uri: back, ...fields })}`
  const isBack = ({ href }: URL): boolean => href.startsWith(back)

  test('is answered by keys, and remembers who signed in', async () => {
    const context = await browser.newContext()
    const page = await context.newPage()
    await page.goto(address({ scope: `openid ${DRIVE}` }))
    await page.keyboard.press('Tab')
    for (let pressed = 0; pressed < 9 && !(await hasFocus('Use drive.file')); pressed++)
      await page.keyboard.press('Tab')
    async function hasFocus(name: string): Promise<boolean> {
      return page
        .getByRole('checkbox', { name })
        .evaluate(
          (box) =>
            box ===
            (box as unknown as { ownerDocument: { activeElement: unknown } }).ownerDocument.activeElement,
        )
    }
    await page.keyboard.press('Space') // takes it out
    await page.keyboard.press('Tab')
    await page.keyboard.press('Enter') // Allow is next
    await page.waitForURL(isBack)
    const answer = new URL(page.url()).searchParams
    expect(answer.get('scope')).toBe('openid')
    const told = await exchange(emulator, client, answer.get('code')!, { redirect_uri: back })
    expect(told.status).toBe(200)
    await page.goto(address({ scope: 'openid', prompt: 'none', state: 'again' }))
    expect(new URL(page.url()).searchParams.get('state')).toBe('again')
    expect(new URL(page.url()).searchParams.has('code')).toBe(true)
    await context.close()
  })

  test('fits a phone, and takes a refusal', async () => {
    const context = await browser.newContext({ viewport: { width: 320, height: 640 }, colorScheme: 'dark' })
    const page = await context.newPage()
    await page.goto(address({ scope: `openid email profile ${DRIVE}.${'x'.repeat(80)}` }))
    const widest: unknown = await page.evaluate('document.documentElement.scrollWidth')
    expect(widest).toBe(320)
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.waitForURL(isBack)
    expect(new URL(page.url()).searchParams.get('error')).toBe('access_denied')
    await context.close()
  })
})
