import type { Reporter, TestModule } from 'vitest/node'

/**
 * Ends a test run with one plain line, `N passed, N failed` and `, N skipped` when some were, for those who read a log
 * and not a screen. Before it, why each test that did not run did not.
 */
export default class SummaryReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const tests = modules.flatMap((module) => [...module.children.allTests()])
    const skipped = tests.filter((test) => test.result().state === 'skipped')
    for (const test of skipped) {
      const { note = 'no reason given' } = test.result() as { note?: string }
      console.log(`skipped: ${test.module.relativeModuleId} > ${test.fullName}: ${note}`)
    }
    const passed = tests.filter((test) => test.result().state === 'passed').length
    // What went wrong outside a test, such as a file that cannot be loaded, fails the run too.
    const broken = modules.filter((module) => module.errors().length > 0).length
    const failed = tests.length - passed - skipped.length + broken + errors.length
    const more = skipped.length > 0 ? `, ${skipped.length} skipped` : ''
    console.log(`${passed} passed, ${failed} failed${more}`)
  }
}
