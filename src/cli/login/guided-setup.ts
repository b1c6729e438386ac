import { createInterface } from 'node:readline/promises'
import { homedir } from 'node:os'
import { AuthError } from '../../errors.ts'
import type { Steps } from '../output.ts'
import { type LoginClient, readClientFile } from './client-file.ts'
import type { LoginProvider } from './login-provider.ts'

/** One page of Google's console, and what to do there. */
interface SetupStep {
  readonly title: string
  readonly url: string
  readonly text: readonly string[]
}

/** How the set-up reaches the person. */
export interface SetupTerminal {
  readonly steps: Steps
  /** Undefined where nobody can answer. */
  readonly input: NodeJS.ReadStream | undefined
  /** Shows a page. */
  open(url: string): Promise<boolean>
}

/**
 * Leads through Google's console to an OAuth client, and takes the file that comes of it.
 * @param apis names of APIs that the login is for, such as `drive`
 * @throws {AuthError} reason `no_client` when nobody can answer, or does not.
 */
export async function setUpClient(
  apis: readonly string[],
  to: LoginProvider,
  { steps, input, open }: SetupTerminal,
): Promise<LoginClient> {
  if (to.isEmulator)
    throw noClient(
      `there is no OAuth client for ${to.name} yet; start that with --client client.json, and log in with --client client.json`,
    )
  const pages = setupSteps(apis)
  steps.line(INTRODUCTION)
  if (input === undefined) {
    pages.forEach((page, i) => steps.line(describe(page, i + 1, pages.length)))
    throw noClient(
      'there is no OAuth client yet, and no terminal to ask; follow the steps, then: discokit login --client FILE',
    )
  }
  const lines = createInterface({ input, output: process.stdout })
  const ended = new Promise<never>((_resolve, reject) => {
    lines.on('close', () => reject(noClient('the set-up was left; begin it anew with: discokit login')))
  })
  ended.catch(() => {}) // it ends in any case
  lines.on('SIGINT', () => process.kill(process.pid, 'SIGINT'))
  const ask = (question: string): Promise<string> => Promise.race([lines.question(question), ended])
  try {
    for (const [i, page] of pages.entries()) {
      steps.line(describe(page, i + 1, pages.length))
      await open(page.url)
      if (i + 1 < pages.length) await ask('   Press Enter when this is done. ')
    }
    for (;;) {
      const path = filePath(await ask('   Path of the downloaded file: '))
      if (path === '') continue
      const client = await readClientFile(path, to).catch((error: Error) => steps.line(`   ${error.message}`))
      if (client) return client
    }
  } finally {
    lines.close()
    input.unref?.()
  }
}

const INTRODUCTION = `There is no OAuth client yet. You make one in Google's console, once: it takes
about five minutes, and costs nothing.
`

function setupSteps(apis: readonly string[]): readonly SetupStep[] {
  return [
    {
      title: 'A project',
      url: `${CONSOLE}/projectcreate`,
      text: ['Create one, or choose one that you have at the top of the page.'],
    },
    ...apis.map((api) => ({
      title: `The API: ${api}`,
      url: `${CONSOLE}/apis/library/${SERVICES[api] ?? api.toLowerCase()}.googleapis.com`,
      text: ['Press Enable.'],
    })),
    {
      title: 'What people are asked (Google Auth Platform)',
      url: `${CONSOLE}/auth/branding`,
      text: [
        'Press Get started. Any name for the app, and your own address twice.',
        'Audience: External, or Internal where all are of your organisation.',
      ],
    },
    {
      title: 'Who may log in',
      url: `${CONSOLE}/auth/audience`,
      text: [
        'Under Test users press Add users, and add your own address.',
        'While the page says Testing, logins end after seven days; Publish app',
        'lifts that.',
      ],
    },
    {
      title: 'The client',
      url: `${CONSOLE}/auth/clients/create`,
      text: ['Application type: Desktop app. Create, then Download JSON.'],
    },
  ]
}

const CONSOLE = 'https://console.cloud.google.com'

/** What the console calls APIs whose own name is another. */
const SERVICES: Readonly<Record<string, string>> = { calendar: 'calendar-json', content: 'shoppingcontent' }

function describe({ title, url, text }: SetupStep, number: number, of: number): string {
  return `${number}/${of} ${title}\n${['', url, '', ...text].map((line) => `   ${line}`.trimEnd()).join('\n')}\n`
}

/** A path as people type or drag it into a terminal. */
function filePath(given: string): string {
  const text = given.trim()
  const plain = /^(['"]).*\1$/.test(text)
    ? text.slice(1, -1)
    : process.platform === 'win32'
      ? text
      : text.replaceAll(/\\(.)/g, '$1')
  return plain.replace(/^~(?=\/)/, homedir())
}

function noClient(message: string): AuthError {
  return new AuthError(message, { reason: 'no_client' })
}
