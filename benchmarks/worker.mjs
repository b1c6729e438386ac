/**
 * Runs one task of one contestant and prints what it cost this process: wall and CPU milliseconds of the task, CPU of
 * the whole process, and its peak memory.
 *
 * node benchmarks/worker.mjs CONTESTANT TASK '{"base": …}'
 */
import { readFileSync } from 'node:fs'

const [contestant, task, json] = process.argv.slice(2)
const options = JSON.parse(json)
const tasks = await import(`./contestants/${contestant}.mjs`)
const run = await tasks[task](options)

const memory = peakMb()
const heap = retainedMb()
const started = performance.now()
const before = process.cpuUsage()
const kept = await run()
const { user, system } = process.cpuUsage(before)
const whole = process.cpuUsage()
globalThis.gc?.()
await new Promise((resolve) => setTimeout(resolve, options.settleMs ?? 50)) // what was left behind goes later
const retained = retainedMb() - heap
globalThis.kept = kept
console.log(
  JSON.stringify({
    wallMs: performance.now() - started,
    cpuMs: (user + system) / 1000,
    processCpuMs: (whole.user + whole.system) / 1000,
    peakMb: peakMb(),
    growthMb: peakMb() - memory,
    retainedMb: retained,
  }),
)

/** Memory in use after everything that nobody holds is collected; 0 without --expose-gc. */
function retainedMb() {
  if (globalThis.gc === undefined) return 0
  globalThis.gc()
  globalThis.gc()
  const { heapUsed, external } = process.memoryUsage()
  return (heapUsed + external) / 1e6
}

/** Peak memory of this process. What getrusage says of a child on Linux begins with its parent's. */
function peakMb() {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024
  } catch {
    return process.resourceUsage().maxRSS / 1024
  }
}
