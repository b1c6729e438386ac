import type { Steps } from '../output.ts'
import { shortScope } from './login-scopes.ts'

/** Tells scopes under a label, in lines that fit; nothing where there are none. */
export function listScopes(
  steps: Steps,
  how: 'done' | 'note' | 'warn',
  label: string,
  scopes: readonly string[],
): void {
  const lines: string[] = []
  for (const scope of scopes.map(shortScope)) {
    const last = lines.at(-1)
    if (last === undefined || last.length + scope.length + 2 > WIDTH) lines.push(scope)
    else lines[lines.length - 1] = `${last}, ${scope}`
  }
  for (const [i, line] of lines.entries()) {
    if (i === 0) steps[how](label, line)
    else steps.note('', line)
  }
}

/** What is left of 80 columns behind a label. */
const WIDTH = 56
