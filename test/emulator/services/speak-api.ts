import { createClient } from '../../../src/index.ts'
import type { Emulator } from '../../../src/emulator/index.ts'

/** An API of the emulator for a person, through discokit's own client. Tests look into answers of every shape. */
export async function apiOf(
  emulator: Emulator,
  id: string,
  who: { readonly email?: string; readonly scopes?: readonly string[] } = {},
): Promise<any> {
  const token = emulator.accessToken(who)
  const auth = { kind: 'token', headers: async () => ({ authorization: `Bearer ${token}` }) }
  return createClient({ ...emulator.connect(), auth, retry: false, validate: false }).discover(id)
}

/** The same with an API key and nothing else. */
export async function apiByKey(emulator: Emulator, id: string): Promise<any> {
  const key = emulator.apiKey()
  const auth = { kind: 'key', headers: async () => ({ 'x-goog-api-key': key }) }
  return createClient({ ...emulator.connect(), auth, retry: false, validate: false }).discover(id)
}

/** The items of every page, page by page. */
export async function pagesOf<Item>(
  call: { pages(): AsyncIterable<any> },
  items: (page: any) => readonly Item[] | undefined,
): Promise<Item[][]> {
  const pages: Item[][] = []
  for await (const page of call.pages()) pages.push([...(items(page) ?? [])])
  return pages
}

/** What a refused call said: its status and its reason. */
export async function refusal(call: PromiseLike<unknown>): Promise<unknown[]> {
  try {
    await call
  } catch (error) {
    const { status, reason } = error as { status?: number; reason?: string }
    return [status, reason]
  }
  return ['went through']
}
