/** Does something `count` times, `concurrency` at once, after as much as it takes to be compiled. */
export async function repeat(one, { count, concurrency }) {
  await inLanes(one, WARM_UP, concurrency)
  return () => inLanes(one, count, concurrency)
}

/** Does something that takes long enough to be compiled in the first go. */
export async function twice(one) {
  await one()
  return one
}

const WARM_UP = 20_000

async function inLanes(one, count, concurrency) {
  let i = 0
  const lane = async () => {
    while (i < count) await one(i++)
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
}
