/**
 * Does a piece of work for each of many things, at most so many at the same time, and gives the results as they come. A thing is
 * asked for when there is room for it, and a result that nobody takes holds its room: neither piles up. When work fails, or the
 * loop over the results is left, nothing further is begun, and what is under way is told to `stop` and waited for.
 */
export async function* inParallel<Thing, Result>(
  things: AsyncIterable<Thing> | Iterable<Thing>,
  most: number,
  work: (thing: Thing) => Promise<Result>,
  stop: () => void,
): AsyncGenerator<Result, void, undefined> {
  const coming = oneByOne(things)
  const ready: Result[] = []
  let running = 0
  let asking = false
  let ended = false
  let failure: { readonly error: unknown } | undefined
  let wake = (): void => {}
  const fail = (error: unknown): void => void (failure ??= { error })

  async function run(thing: Thing): Promise<void> {
    running++
    await work(thing).then((result) => void ready.push(result), fail)
    running--
    wake()
  }
  async function ask(): Promise<void> {
    asking = true
    try {
      const { done, value } = await coming.next()
      if (done === true) ended = true
      else if (!ended) void run(value)
    } catch (error) {
      fail(error)
    }
    asking = false
    wake()
  }

  try {
    while (failure === undefined) {
      if (!ended && !asking && running + ready.length < most) void ask()
      if (ready.length > 0) yield ready.shift()!
      else if (ended && running === 0 && !asking) return
      else await new Promise<void>((resolve) => (wake = resolve))
    }
    throw failure.error
  } finally {
    ended = true
    if (running > 0 || asking) stop()
    while (running > 0 || asking) await new Promise<void>((resolve) => (wake = resolve))
    await coming.return(undefined)
  }
}

async function* oneByOne<Thing>(things: AsyncIterable<Thing> | Iterable<Thing>): AsyncGenerator<Thing> {
  yield* things
}
