import type { PageWalk, WalkOptions } from './page-walk.ts'

/**
 * The items of a list, one after the other. An item that is at hand costs no more than a settled promise, which is
 * why this is no generator: there each item would pass through two.
 */
export class ItemWalk<Page, Item> implements AsyncIterator<Item> {
  readonly #pages: PageWalk<Page>
  readonly #itemsOf: (page: Page) => readonly Item[]
  readonly #prefetch: boolean
  /** How many items the pages after this one may give. */
  #left: number
  #items: readonly Item[] = []
  #index = 0
  /** The last of the steps that wait for a page, if any does. */
  #waiting: Promise<unknown> | undefined

  /** @param pages without limit; they are asked for ahead by this walk, which knows whether they are needed */
  constructor(
    pages: PageWalk<Page>,
    itemsOf: (page: Page) => readonly Item[],
    { limit = Infinity, prefetch = false }: WalkOptions,
  ) {
    this.#pages = pages
    this.#itemsOf = itemsOf
    this.#prefetch = prefetch
    this.#left = limit
  }

  next(): Promise<IteratorResult<Item, undefined>> {
    if (this.#index < this.#items.length && this.#waiting === undefined) {
      return Promise.resolve({ done: false, value: this.#items[this.#index++]! })
    }
    const step = this.#waiting === undefined ? this.#step() : this.#waiting.then(() => this.#step())
    const done = (): void => {
      if (this.#waiting === waiting) this.#waiting = undefined
    }
    const waiting = (this.#waiting = step.then(done, done))
    return step
  }

  async return(): Promise<IteratorResult<Item, undefined>> {
    this.#items = []
    this.#left = 0
    await this.#pages.return()
    return { done: true, value: undefined }
  }

  async #step(): Promise<IteratorResult<Item, undefined>> {
    while (this.#index >= this.#items.length) {
      const page = this.#left > 0 ? await this.#pages.next() : undefined
      if (!page || page.done) return this.return()
      const items = this.#itemsOf(page.value)
      this.#items = items.length > this.#left ? items.slice(0, this.#left) : items
      this.#index = 0
      this.#left -= this.#items.length
      if (this.#prefetch && this.#left > 0) this.#pages.ahead()
    }
    return { done: false, value: this.#items[this.#index++]! }
  }
}
