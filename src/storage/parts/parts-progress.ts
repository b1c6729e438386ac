import type { UploadProgress } from '../../media/progress.ts'

/**
 * The progress of parts together. The rates of those under way are added up.
 * @param total bytes in all
 */
export function partsProgress(
  total: number,
  tell: ((progress: UploadProgress) => void) | undefined,
): (part: number) => (progress: UploadProgress) => void {
  const parts = new Map<number, { sent: number; acknowledged: number; rate: number }>()
  const sum = { sent: 0, acknowledged: 0, rate: 0 }
  return (part) => (progress) => {
    const before = parts.get(part) ?? { sent: 0, acknowledged: 0, rate: 0 }
    const { sent, acknowledged } = progress
    const rate = acknowledged === progress.total ? 0 : (progress.bytesPerSecond ?? 0)
    parts.set(part, { sent, acknowledged, rate })
    sum.sent += sent - before.sent
    sum.acknowledged += acknowledged - before.acknowledged
    sum.rate += rate - before.rate
    const left = total - sum.acknowledged
    const bytesPerSecond = sum.rate > 0 ? sum.rate : undefined
    const remainingMs = left === 0 ? 0 : bytesPerSecond && (left / bytesPerSecond) * 1_000
    tell?.({ sent: sum.sent, acknowledged: sum.acknowledged, total, bytesPerSecond, remainingMs })
  }
}
