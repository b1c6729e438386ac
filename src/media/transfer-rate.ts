/** How fast bytes go, measured over the last ten seconds. */
export interface TransferRate {
  /** @param done bytes so far */
  at(nowMs: number, done: number, total: number | undefined): RateFigures
}

/** Undefined until something can be said. */
export interface RateFigures {
  readonly bytesPerSecond: number | undefined
  readonly remainingMs: number | undefined
}

export function transferRate(): TransferRate {
  const marks: { readonly nowMs: number; readonly done: number }[] = []
  return {
    at(nowMs, done, total) {
      if (nowMs - (marks.at(-1)?.nowMs ?? -Infinity) >= MARK_MS) marks.push({ nowMs, done })
      while (marks.length > 1 && nowMs - marks[1]!.nowMs >= WINDOW_MS) marks.shift()
      const oldest = marks[0]!
      const elapsedMs = nowMs - oldest.nowMs
      const bytes = done - oldest.done
      const rate = elapsedMs >= MARK_MS && bytes >= 0 ? (bytes * 1_000) / elapsedMs : undefined
      const rest = total === undefined ? undefined : total - done
      return {
        bytesPerSecond: rate,
        remainingMs: rest === 0 ? 0 : rate && rest !== undefined ? (rest * 1_000) / rate : undefined,
      }
    },
  }
}

const MARK_MS = 100
const WINDOW_MS = 10_000
