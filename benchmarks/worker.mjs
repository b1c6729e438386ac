/**
 * Runs one task of one contestant and prints what it cost this process: wall and CPU milliseconds of the task, CPU of
 * the whole process, and its peak memory.
 *
 * node benchmarks/worker.mjs CONTESTANT TASK '{"base": …}'
 */
const [contestant, task, json] = process.argv.slice(2)
const options = JSON.parse(json)
const tasks = await import(`./contestants/${contestant}.mjs`)
const run = await tasks[task](options)

const started = performance.now()
const before = process.cpuUsage()
const memory = process.resourceUsage().maxRSS
await run()
const { user, system } = process.cpuUsage(before)
const whole = process.cpuUsage()
console.log(
  JSON.stringify({
    wallMs: performance.now() - started,
    cpuMs: (user + system) / 1000,
    processCpuMs: (whole.user + whole.system) / 1000,
    peakMb: process.resourceUsage().maxRSS / 1024,
    growthMb: (process.resourceUsage().maxRSS - memory) / 1024,
  }),
)
