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

const started = performance.now()
const before = process.cpuUsage()
const memory = peakMb()
await run()
const { user, system } = process.cpuUsage(before)
const whole = process.cpuUsage()
console.log(
  JSON.stringify({
    wallMs: performance.now() - started,
    cpuMs: (user + system) / 1000,
    processCpuMs: (whole.user + whole.system) / 1000,
    peakMb: peakMb(),
    growthMb: peakMb() - memory,
  }),
)

/** Peak memory of this process. What getrusage says of a child on Linux begins with its parent's. */
function peakMb() {
  try {
    return Number(/VmHWM:\s+(\d+) kB/.exec(readFileSync('/proc/self/status', 'utf8'))[1]) / 1024
  } catch {
    return process.resourceUsage().maxRSS / 1024
  }
}
