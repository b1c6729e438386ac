import type { HttpHeaders } from '../protocol/http.ts'
import { hideHeaderSecrets, hideQuerySecrets } from './hide-secrets.ts'

/** One request the emulator answered, without its body and without credentials. */
export interface Exchange {
  /** When it was answered, by the emulator's clock, in milliseconds since 1970. */
  readonly at: number
  readonly method: string
  /** Path and query as they were sent, tokens and keys in the query hidden. */
  readonly path: string
  /** Request headers. Of `authorization` only the scheme is kept; cookies and keys are hidden. */
  readonly headers: HttpHeaders
  /** The answer's status; undefined when the connection was broken instead. */
  readonly status: number | undefined
  /** The method of the API, when the address belonged to one. */
  readonly methodId: string | undefined
}

/** The last exchanges, oldest first, to assert on in tests. */
export interface Journal {
  readonly exchanges: readonly Exchange[]
  clear(): void
}

/** At most this many exchanges are kept. */
const JOURNAL_LENGTH = 1000

export function createJournal(): Journal & { record(exchange: Exchange): void } {
  let kept: Exchange[] = []
  return {
    get exchanges() {
      return kept.slice(-JOURNAL_LENGTH)
    },
    clear: () => void (kept = []),
    record: (exchange) => {
      kept.push({
        ...exchange,
        path: hideQuerySecrets(exchange.path),
        headers: hideHeaderSecrets(exchange.headers),
      })
      // Dropping the oldest half at a time keeps recording cheap.
      if (kept.length >= 2 * JOURNAL_LENGTH) kept = kept.slice(-JOURNAL_LENGTH)
    },
  }
}
