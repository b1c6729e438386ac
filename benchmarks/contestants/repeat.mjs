/** Does something `count` times, `concurrency` at once, after as much as it takes to be compiled. */
export async function repeat(one, { count, concurrency, warmUp = WARM_UP }) {
  await inLanes(one, warmUp, concurrency)
  return () => inLanes(one, count, concurrency)
}

const WARM_UP = 20_000

async function inLanes(one, count, concurrency) {
  let i = 0
  const lane = async () => {
    while (i < count) await one(i++)
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
}
