import { readFileSync } from 'node:fs'

/** A scenario of Google's retry conformance tests for clients of Cloud Storage: each method meets each case. */
export interface RetryScenario {
  readonly id: number
  readonly description: string
  readonly cases: readonly { readonly instructions: readonly string[] }[]
  readonly methods: readonly { readonly name: string; readonly resources: readonly Resource[] }[]
  readonly preconditionProvided: boolean
  readonly expectSuccess: boolean
}

/** What must be there before a method is called. */
export type Resource = 'BUCKET' | 'OBJECT' | 'NOTIFICATION' | 'HMAC_KEY'

/** The scenarios, read from where they lie beside the repository; undefined where they do not. */
export function readScenarios(): readonly RetryScenario[] | undefined {
  const path = new URL('../../../shared/conformance/retry_tests.json', import.meta.url)
  try {
    return (JSON.parse(readFileSync(path, 'utf8')) as { retryTests: RetryScenario[] }).retryTests
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    return undefined
  }
}
