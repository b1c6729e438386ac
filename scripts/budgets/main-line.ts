import { createEmulator } from 'discokit/emulator'
import { filesLoaded } from './start.ts'

/** What the main line costs, counted where it ends: the emulator counts the requests, the program its sockets. */
export async function mainLine(): Promise<{
  requests: number
  sockets: number
  ours: number
  others: number
}> {
  const emulator = await createEmulator()
  try {
    const { url: endpoint } = await emulator.listen()
    const key = await emulator.serviceAccountKey()
    const MAIN_LINE = JSON.stringify({ endpoint, key })
    const { stdout, ours, others } = await filesLoaded(['scripts/budgets/main-line.mjs'], { MAIN_LINE })
    return { requests: emulator.journal.exchanges.length, sockets: Number(stdout), ours, others }
  } finally {
    await emulator.close()
  }
}
