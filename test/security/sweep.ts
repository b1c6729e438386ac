import { inspect } from 'node:util'
import { serialize } from 'node:v8'
import { expect } from 'vitest'

/** Secrets by name. */
export type Secrets = Readonly<Record<string, string>>

/** Checks that nothing of any secret can be seen in a value, in whatever way it is looked at. */
export function expectNoSecret(value: unknown, secrets: Secrets): void {
  const views = viewsOf(value)
  for (const [name, secret] of Object.entries(secrets)) {
    for (const [form, text] of Object.entries(formsOf(secret))) {
      for (const [view, shown] of Object.entries(views)) {
        const at = shown.indexOf(text)
        if (at >= 0)
          expect.fail(`${name} (${form}) shows in ${view}: …${shown.slice(Math.max(0, at - 60), at + 60)}…`)
      }
    }
  }
}

/** The ways in which a secret may be written down. */
function formsOf(secret: string): Record<string, string> {
  return {
    plain: secret,
    encoded: encodeURIComponent(secret),
    base64: Buffer.from(secret).toString('base64').replace(/=+$/, '').slice(0, -1),
    JSON: JSON.stringify(secret).slice(1, -1),
    'first 12': secret.slice(0, 12),
  }
}

/** Everything that a program, a log or a debugger may show of a value. */
function viewsOf(value: unknown): Record<string, string> {
  const views: Record<string, string> = {
    'String()': String(value),
    inspect: inspect(value),
    'inspect of everything': inspect(value, {
      depth: Infinity,
      showHidden: true,
      getters: true,
      maxArrayLength: null,
      maxStringLength: null,
    }),
    JSON: attempt(() => JSON.stringify(value)),
    structuredClone: attempt(() => inspect(structuredClone(value), { depth: Infinity, showHidden: true })),
    'v8.serialize': attempt(() => serialize(value).toString('latin1') + serialize(value).toString('utf16le')),
  }
  for (let error = value, depth = 0; error instanceof Error && depth < 10; error = error.cause, depth++) {
    views[`message ${depth}`] = error.message
    views[`stack ${depth}`] = error.stack ?? ''
    views[`members ${depth}`] = inspect(
      Object.fromEntries(
        Reflect.ownKeys(error).map((key) => [String(key), Reflect.get(error as object, key)]),
      ),
      { depth: Infinity, showHidden: true },
    )
  }
  return views
}

/** Functions cannot be cloned, and what cannot be shown tells nothing. */
function attempt(view: () => string | undefined): string {
  try {
    return view() ?? ''
  } catch {
    return ''
  }
}
