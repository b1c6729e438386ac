import type { UploadProgress } from '../../media/progress.ts'

/**
 * The progress of parts together. Their rates are added up.
 * @param total bytes in all
 */
export function partsProgress(
  total: number,
  tell: ((progress: UploadProgress) => void) | undefined,
): (part: number) => (progress: UploadProgress) => void {
  const latest = new Map<number, UploadProgress>()
  const finished = { sent: 0, acknowledged: 0 }
  return (part) => (progress) => {
    latest.set(part, progress)
    if (progress.acknowledged === progress.total) {
      latest.delete(part)
      finished.sent += progress.sent
      finished.acknowledged += progress.acknowledged
    }
    let { sent, acknowledged } = finished
    let rate = 0
    for (const each of latest.values()) {
      sent += each.sent
      acknowledged += each.acknowledged
      rate += each.bytesPerSecond ?? 0
    }
    const bytesPerSecond = rate > 0 ? rate : undefined
    const left = total - acknowledged
    const remainingMs = left === 0 ? 0 : bytesPerSecond && (left / bytesPerSecond) * 1_000
    tell?.({ sent, acknowledged, total, bytesPerSecond, remainingMs })
  }
}
