import type { DownloadSteps } from './download-steps.ts'
import { transferRate } from './transfer-rate.ts'

/** Tells the caller how far a download is. */
export function progressOf({
  options: { onProgress },
  clock,
}: DownloadSteps): (received: number, total: number | undefined) => void {
  if (!onProgress) return () => {}
  const rate = transferRate()
  return (received, total) => onProgress({ received, total, ...rate.at(clock.now(), received, total) })
}
