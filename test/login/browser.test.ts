/** A person signs in to the example in a real browser, on a desktop and on a phone. */
import type { BrowserContext, Page } from 'playwright-core'
import { createClient } from 'discokit'
import { accessToken } from 'discokit/auth'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest'
import { needBrowser, openBrowser, present } from '../examples/browser.ts'
import { openExpress, openHono, type RunningWebApp } from './web-apps.ts'

const FILE_SCOPE = 'https://www.googleapis.com/auth/drive.file'
const DESKTOP = { width: 1_280, height: 800 }
const PHONE = { width: 360, height: 640 }

describe.each([
  ['a desktop', 'Hono', openHono, DESKTOP],
  ['a phone', 'Express', openExpress, PHONE],
])('on %s, with %s', (_, __, open, viewport) => {
  let app: RunningWebApp
  let browser: BrowserContext & AsyncDisposable
  let page: Page
  /** All that the site's own answers had in them. */
  let received: string[]
  /** Where Google was asked, and where people came back to. */
  let asked: URL[]
  let came: URL[]
  beforeEach(needBrowser)
  beforeAll(async () => {
    if (present) app = await open()
  }, 60_000)
  afterAll(() => app?.[Symbol.asyncDispose]())
  beforeEach(async () => {
    if (!present) return
    vi.spyOn(console, 'error').mockImplementation(() => {})
    browser = await openBrowser()
    page = browser.pages()[0] ?? (await browser.newPage())
    await page.setViewportSize(viewport)
    received = []
    asked = []
    came = []
    page.on('request', (request) => {
      const url = new URL(request.url())
      if (url.pathname.endsWith('/o/oauth2/v2/auth')) asked.push(url)
      if (url.pathname === '/back') came.push(url)
    })
    page.on('response', async (response) => {
      if (!response.url().startsWith(app.site)) return
      const { location: _, ...headers } = await response.allHeaders()
      received.push(JSON.stringify(headers), await response.text().catch(() => ''))
    })
  }, 60_000)
  afterEach(async () => {
    vi.restoreAllMocks()
    await browser?.[Symbol.asyncDispose]()
  })

  const home = (): string => `${app.site}/`

  async function signIn(): Promise<void> {
    await page.goto(home())
    await page.getByRole('link', { name: 'Sign in with Google' }).click()
    await fitsScreen()
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.getByText('You are signed in.').waitFor()
  }

  async function fitsScreen(): Promise<void> {
    expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(viewport.width)
  }

  /** Everything of the person's that no page may have. */
  async function secrets(): Promise<string[]> {
    const [account] = await app.store.accounts()
    const { login } = (await app.store.get(account!))!
    const { accessToken = '', refreshToken = '', idToken = '', claims } = login
    return [accessToken, refreshToken, ...idToken.split('.'), String(claims?.email), account!]
  }

  /** Without those of the emulator, which is on the same machine, and cookies do not tell ports apart. */
  async function ownCookies() {
    return (await browser.cookies(app.site)).filter(({ name }) => !name.startsWith('emulator_'))
  }

  test('a person signs in, and the page learns nothing but that', async () => {
    await signIn()
    await fitsScreen()
    expect(page.url()).toBe(home())
    expect(asked.map(({ searchParams }) => searchParams.get('scope'))).toEqual(['openid email'])
    const code = came.at(-1)!.searchParams.get('code')!

    const seen = [
      await page.content(),
      JSON.stringify(await page.evaluate(PAGE_STATE)),
      JSON.stringify(await browser.storageState({ indexedDB: true }).then(({ origins }) => origins)),
      ...received,
    ].join('\n')
    const found = [code, ...(await secrets())]
    expect(found.every((secret) => secret.length > 10)).toBe(true)
    for (const secret of found) expect(seen).not.toContain(secret)

    const own = await ownCookies()
    expect(own).toMatchObject([{ name: 'session', httpOnly: true, sameSite: 'Lax' }])
    expect(own[0]!.value).toMatch(/^[\w-]{43}$/)
    expect(await page.evaluate('document.cookie')).toBe('')

    await page.getByRole('button', { name: 'Sign out' }).click()
    await page.getByRole('link', { name: 'Sign in with Google' }).waitFor()
  }, 60_000)

  test('a person says no, and signs in after all', async () => {
    await page.goto(home())
    await page.getByRole('link', { name: 'Sign in with Google' }).click()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByText('The sign-in was cancelled.').waitFor()
    expect(await ownCookies()).toEqual([])
    await page.goto(home())
    await page.getByRole('link', { name: 'Sign in with Google' }).waitFor()
    await signIn()
  }, 60_000)

  test('a person is asked for one scope more when they want more', async () => {
    await signIn()
    const before = await secrets()
    await page.getByRole('button', { name: 'Save a note to Drive' }).click()
    await page.getByRole('button', { name: 'Allow' }).waitFor()
    const { searchParams } = asked.at(-1)!
    expect(searchParams.get('scope')?.split(' ')).toEqual(['openid', 'email', FILE_SCOPE])
    expect(searchParams.get('include_granted_scopes')).toBe('true')
    await page.getByRole('button', { name: 'Allow' }).click()
    await page.getByText('You are signed in.').waitFor()
    expect(page.url()).toBe(home())
    const [account] = await app.store.accounts()
    const { login } = (await app.store.get(account!))!
    expect(login.scopes).toContain(FILE_SCOPE)
    expect(login.scopes).toContain('openid')
    expect(login.claims?.email).toBe('ada@example.com')

    await page.getByRole('button', { name: 'Save a note to Drive' }).click()
    await page.getByText('You are signed in.').waitFor()
    const drive = await createClient({
      ...app.emulator.connect(),
      auth: accessToken(app.emulator.accessToken({ email: 'ada@example.com' })),
    }).discover('drive:v3')
    expect(await drive.files.list()).toMatchObject({ files: [{ name: 'A note' }] })
    const seen = [await page.content(), ...received].join('\n')
    for (const secret of [...before, ...(await secrets())]) expect(seen).not.toContain(secret)
  }, 60_000)

  test('a person who refuses the scope stays signed in without it', async () => {
    app.emulator.revokeConsents()
    await signIn()
    await page.getByRole('button', { name: 'Save a note to Drive' }).click()
    await page.getByRole('button', { name: 'Cancel' }).click()
    await page.getByText('The sign-in was cancelled.').waitFor()
    await page.goto(home())
    await page.getByText('You are signed in.').waitFor()
  }, 60_000)
})

/** What scripts of a page can read. */
const PAGE_STATE = `({
  cookie: document.cookie,
  referrer: document.referrer,
  storage: [{ ...localStorage }, { ...sessionStorage }],
  state: history.state,
  navigation: performance.getEntriesByType('navigation').map(({ name }) => name),
})`
