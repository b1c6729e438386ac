import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'

/** A provider of OpenID Connect that knows nothing of Google; it signs with two keys in turn. */
export interface Provider extends AsyncDisposable {
  readonly issuer: string
}

/** Starts one in a process of its own: what it is made of does not bear the conditions that tests are run with. */
export async function openProvider(): Promise<Provider> {
  const path = fileURLToPath(new URL('children/openid-provider.ts', import.meta.url))
  const child = spawn(process.execPath, ['--import', import.meta.resolve('tsx'), path], {
    stdio: ['pipe', 'pipe', 'inherit'],
  })
  const [said] = (await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])) as [Buffer | number]
  if (!(said instanceof Buffer)) throw new Error(`the provider ended with ${String(said)}`)
  return {
    issuer: said.toString(),
    async [Symbol.asyncDispose]() {
      const ended = once(child, 'exit')
      child.stdin.end()
      await ended
    },
  }
}
