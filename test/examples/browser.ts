import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type BrowserContext, chromium } from 'playwright-core'
import type { TestContext } from 'vitest'
import { say } from '../documents/say.ts'

const PROGRAM = '/usr/bin/chromium'
/** Whether there is one. */
export const present: boolean = existsSync(PROGRAM)
const WHY = `there is no ${PROGRAM}`
if (!present) say(`left out, since ${WHY}: the tests in a browser`)

/** Leaves out the test that is about to run where there is no browser. */
export function needBrowser(context: TestContext): void {
  context.skip(!present, WHY)
}

/** A browser with nothing in it yet, that speaks to this machine alone. */
export async function openBrowser(): Promise<BrowserContext & AsyncDisposable> {
  const folder = await mkdtemp(join(tmpdir(), 'discokit-browser-'))
  const context = await chromium.launchPersistentContext(folder, {
    executablePath: PROGRAM,
    headless: true,
    args: [
      '--no-sandbox',
      '--disable-gpu',
      '--disable-quic',
      '--no-first-run',
      '--disable-background-networking',
      '--disable-component-update',
      '--disable-sync',
      '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
    ],
  })
  return Object.assign(context, {
    async [Symbol.asyncDispose]() {
      await context.close()
      await rm(folder, { recursive: true, force: true })
    },
  })
}
