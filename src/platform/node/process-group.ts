import type { ChildProcess } from 'node:child_process'

/** Whether a program gets a group of its own, to be killed as a whole. On Windows it would be a window of its own. */
export const hasGroups = (): boolean => process.platform !== 'win32'

/** Kills a program and what is in its group, and reads no more of it. */
export function killGroup(child: ChildProcess): void {
  child.stdout?.destroy()
  child.stderr?.destroy()
  if (child.pid === undefined) return
  try {
    process.kill(hasGroups() ? -child.pid : child.pid, 'SIGKILL')
  } catch {
    // It has ended.
  }
}

/**
 * Sees to it that a program does not outlive this process: in a group of its own it is not told when somebody interrupts
 * this one. To be called off when the program has ended.
 */
export function killWithParent(child: ChildProcess): () => void {
  if (running.size === 0) {
    process.on('exit', killAll)
    // First, so that those are seen who listen once.
    for (const signal of SIGNALS) process.prependListener(signal, onSignal)
  }
  running.add(child)
  return () => {
    if (running.delete(child) && running.size === 0) {
      process.off('exit', killAll)
      for (const signal of SIGNALS) process.off(signal, onSignal)
    }
  }
}

const running = new Set<ChildProcess>()
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const

function killAll(): void {
  running.forEach(killGroup)
}

/** A process that listens to a signal does not end by it. Where nobody else does, this one ends as if we did not. */
function onSignal(signal: NodeJS.Signals): void {
  killAll()
  if (process.listenerCount(signal) > 1) return
  process.off(signal, onSignal)
  process.kill(process.pid, signal)
}
