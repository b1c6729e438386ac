import type { HttpResponse } from 'discokit'

/** What a connection did to one case, and what the server did behind it: what results are judged by. */
export class Ledger {
  /** The faults in the order in which they happened. */
  readonly faults: string[] = []
  /** Statuses that were answered, by the server or in its place. */
  readonly statuses = new Set<number>()
  /** Generations of objects that the server has made. */
  readonly generations = new Set<string>()
  /** What no error may tell. */
  readonly secrets = new Set<string>()
  /** Whether the call has a time limit, which may pass by itself. */
  timed = false
  /** Requests that reached the connection. */
  requests = 0
  /** Bytes of content that left the client. */
  sentBytes = 0
  readonly #pending = new Set<Promise<unknown>>()

  has(...faults: readonly string[]): boolean {
    return this.faults.some((fault) => faults.includes(fault))
  }

  /** Lets a request go on that nobody waits for any more, and knows when it is over. */
  follow<T>(promise: Promise<T>): Promise<T> {
    this.#pending.add(promise)
    const forget = (): void => void this.#pending.delete(promise)
    promise.then(forget, forget)
    return promise
  }

  /** Takes note of an answer of the server. */
  answered({ status, headers }: HttpResponse): void {
    this.statuses.add(status)
    for (const url of [headers['location'], headers['x-goog-upload-url']]) {
      if (url === undefined || !URL.canParse(url)) continue
      this.secrets.add(url)
      for (const [name, value] of new URL(url).searchParams) if (name === 'upload_id') this.secrets.add(value)
    }
  }

  /** When the server has finished with everything that it was sent. */
  async settled(): Promise<void> {
    while (this.#pending.size > 0) await Promise.allSettled(this.#pending)
  }
}
