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
  const failures: unknown[] = []
  const under = { work: 0, asking: false }
  let ended = false
  let wake = (): void => {}
  const isBusy = (): boolean => under.work > 0 || under.asking
  const fail = (error: unknown): void => void failures.push(error)

  async function run(thing: Thing): Promise<void> {
    under.work++
    await work(thing).then((result) => void ready.push(result), fail)
    under.work--
    wake()
  }
  async function ask(): Promise<void> {
    under.asking = true
    try {
      const { done, value } = await coming.next()
      if (done === true) ended = true
      else if (!ended) void run(value)
    } catch (error) {
      fail(error)
    }
    under.asking = false
    wake()
  }

  try {
    while (failures.length === 0) {
      if (!ended && !under.asking && under.work + ready.length < most) void ask()
      if (ready.length > 0) yield ready.shift()!
      else if (ended && !isBusy()) return
      else await new Promise<void>((resolve) => (wake = resolve))
    }
    throw failures[0]
  } finally {
    ended = true
    if (isBusy()) stop()
    while (isBusy()) await new Promise<void>((resolve) => (wake = resolve))
    await coming.return(undefined)
  }
}

async function* oneByOne<Thing>(things: AsyncIterable<Thing> | Iterable<Thing>): AsyncGenerator<Thing> {
  yield* things
}
