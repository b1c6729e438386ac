import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** The certified server `oidc-provider`, in a process of its own. */
export interface Judge extends AsyncDisposable {
  readonly issuer: string
}

/** Starts it; undefined, with a printed line, where it does not run. */
export async function openJudge(redirectUri: string): Promise<Judge | undefined> {
  const path = fileURLToPath(new URL('children/oidc-provider.ts', import.meta.url))
  const args = ['--import', import.meta.resolve('tsx'), path, redirectUri]
  const child = spawn(process.execPath, args, { stdio: ['pipe', 'pipe', 'pipe'] })
  let complaint = ''
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  const [said] = (await Promise.race([once(child.stdout, 'data'), once(child, 'close')])) as [Buffer | number]
  if (!(said instanceof Buffer)) {
    process.stdout.write(`oidc-provider does not run on Node ${process.version}: ${complaint.trim()}\n`)
    return undefined
  }
  return {
    issuer: said.toString(),
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.stdin.end()
      await ended
    },
  }
}

/** A browser without pages: keeps cookies, and goes where it is sent, until it is sent to another site. */
export class CookieBrowser {
  readonly #cookies = new Map<string, string>()

  /** @returns the first address of another site, or the page that a way ended at */
  async go(
    address: string,
    body?: URLSearchParams,
  ): Promise<{ readonly address: string; readonly page?: Response }> {
    const { origin } = new URL(address)
    let at = address
    let sent = body
    for (let steps = 0; steps < 20; steps++) {
      const cookie = [...this.#cookies].map((pair) => pair.join('=')).join('; ')
      const page = await fetch(at, {
        redirect: 'manual',
        headers: { cookie },
        ...(sent && { method: 'POST', body: sent }),
      })
      for (const line of page.headers.getSetCookie()) {
        const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
        this.#cookies.set(name, value)
      }
      const location = page.headers.get('location')
      if (location === null) return { address: at, page }
      at = new URL(location, at).href
      sent = undefined
      if (new URL(at).origin !== origin) return { address: at }
    }
    throw new Error(`${address} leads nowhere`)
  }
}
