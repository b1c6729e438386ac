/** A walk through a list whose working is loaded with its first step, so that calls that give no list do without. */
export class LateWalk<T> implements AsyncIterableIterator<T, undefined> {
  readonly #load: () => Promise<AsyncIterator<T, undefined>>
  #loading: Promise<AsyncIterator<T, undefined>> | undefined
  #walk: AsyncIterator<T, undefined> | undefined

  constructor(load: () => Promise<AsyncIterator<T, undefined>>) {
    this.#load = load
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  next(): Promise<IteratorResult<T, undefined>> {
    if (this.#walk !== undefined) return this.#walk.next()
    this.#loading ??= this.#load().then((walk) => (this.#walk = walk))
    return this.#loading.then((walk) => walk.next())
  }

  async return(): Promise<IteratorResult<T, undefined>> {
    const walk = await (this.#loading ??= Promise.resolve((this.#walk = ENDED)))
    return walk.return!()
  }
}

const end = async (): Promise<IteratorResult<never, undefined>> => ({ done: true, value: undefined })
const ENDED: AsyncIterator<never, undefined> = { next: end, return: end }
