/** A page that was asked for. */
export interface ComingPage<Page> {
  readonly content: PromiseLike<Page>
  /** It is no longer wanted. */
  cancel(): void
}

/** Where a walk has its pages from. */
export interface PageSource<Page> {
  /** The page that the walk begins with. */
  first(): ComingPage<Page>
  /** Asks for the page after one; undefined when that was the last. */
  after(page: Page): ComingPage<Page> | undefined
}

/** How far a walk goes, and whether it asks ahead. */
export interface WalkOptions {
  /** How many to give at most: items of `items()`, pages of `pages()`. No page is asked for beyond that. */
  readonly limit?: number | undefined
  /** Whether to ask for the next page while the caller works on this one. Never more than one ahead. */
  readonly prefetch?: boolean | undefined
}

/** The pages of a list, one after the other. */
export class PageWalk<Page> implements AsyncIterator<Page> {
  readonly #source: PageSource<Page>
  readonly #prefetch: boolean
  #left: number
  #begun = false
  #last: Page | undefined
  #coming: ComingPage<Page> | undefined
  /** When the steps asked for so far are done: each waits for the one before. */
  #steps: Promise<unknown> = Promise.resolve()

  constructor(source: PageSource<Page>, { limit = Infinity, prefetch = false }: WalkOptions) {
    this.#source = source
    this.#prefetch = prefetch
    this.#left = limit
  }

  next(): Promise<IteratorResult<Page, undefined>> {
    const step = this.#steps.then(() => this.#step())
    this.#steps = step.catch(nothing)
    return step
  }

  async return(): Promise<IteratorResult<Page, undefined>> {
    this.#end()
    return { done: true, value: undefined }
  }

  /** Asks for the page that comes next, so that it is there when it is wanted. */
  ahead(): void {
    if (this.#left === 0) return
    try {
      this.#coming ??= this.#ask()
      if (!this.#coming) this.#left = 0
    } catch (error) {
      const refuse = async (): Promise<Page> => {
        throw error
      }
      this.#coming = { content: refuse(), cancel: nothing }
    }
    this.#coming?.content.then(nothing, nothing) // who asks for it is told; nobody else
  }

  async #step(): Promise<IteratorResult<Page, undefined>> {
    try {
      const coming = this.#left > 0 ? (this.#coming ??= this.#ask()) : undefined
      if (!coming) return await this.return()
      const page = await coming.content
      if (this.#left > 0) {
        this.#coming = undefined
        this.#last = page
        this.#left -= 1
        if (this.#prefetch) this.ahead()
        return { done: false, value: page }
      }
    } catch (error) {
      // What fails because the walk was ended is no failure.
      if (this.#left > 0) {
        this.#end()
        throw error
      }
    }
    return this.return()
  }

  #ask(): ComingPage<Page> | undefined {
    if (this.#begun) return this.#source.after(this.#last as Page)
    this.#begun = true
    return this.#source.first()
  }

  #end(): void {
    this.#left = 0
    this.#coming?.cancel()
    this.#coming = undefined
  }
}

const nothing = (): void => {}
