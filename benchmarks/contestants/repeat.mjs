/** Does something `count` times, `concurrency` at once, after as much as it takes to be compiled. */
export async function repeat(one, { count, concurrency, warmUp = WARM_UP }) {
  await inLanes(one, warmUp, concurrency)
  return () => inLanes(one, count, concurrency)
}

/** Does something of a thousand steps, after doing it as often as it takes to be compiled. */
export async function again(one) {
  for (let i = 0; i < WARM_UP / 1_000; i++) await one()
  return one
}

/** Does something `count` times that is there mostly, and waits for it only where it is not. */
export async function loop(one, { count }) {
  const run = async (times) => {
    for (let i = 0; i < times; i++) {
      const result = one()
      if (result instanceof Promise) await result
    }
  }
  await run(WARM_UP)
  return () => run(count)
}

const WARM_UP = 20_000

async function inLanes(one, count, concurrency) {
  let i = 0
  const lane = async () => {
    while (i < count) await one(i++)
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
}

/** Builds `count` requests of three path and five query parameters, with new values each time. */
export function requests(one, count) {
  const build = (times) => {
    let length = 0
    for (let i = 0; i < times; i++) {
      length += one({
        project: 'my-project',
        zone: 'europe-west1-b',
        instanceGroupManager: `group-${i}`,
        filter: `name = "a b ${i}"`,
        maxResults: i % 500,
        orderBy: 'creationTimestamp desc',
        pageToken: `token/${i}==`,
        returnPartialSuccess: i % 2 === 0,
      })
    }
    return length
  }
  build(WARM_UP)
  return () => void build(count)
}

/** One checksum over so many bytes, in pieces of 1 MiB. */
export function checksums(one, bytes) {
  const piece = new Uint8Array(1_048_576).map((_, i) => i * 31)
  const run = (count) => {
    let crc = 0
    for (let i = 0; i < count; i++) crc = one(piece, crc)
    return crc
  }
  run(64)
  return () => run(bytes / piece.length)
}
