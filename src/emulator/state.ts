/** One service's part of the state: how an empty one is made, and what to release when it is thrown away. */
export interface StateSlot<T> {
  create(): T
  dispose?(value: T): Promise<void>
}

/** What the emulated services remember, each under its own slot. */
export interface State {
  get<T>(slot: StateSlot<T>): T
  /** Forgets everything at once. What it held on disk is removed in the background. */
  reset(): void
  /** Forgets everything and waits until nothing of it is left on disk. */
  close(): Promise<void>
}

export function createState(): State {
  const values = new Map<StateSlot<unknown>, unknown>()
  const disposals = new Set<Promise<void>>()
  const reset = (): void => {
    for (const [slot, value] of values) {
      const disposal = (slot.dispose?.(value) ?? Promise.resolve()).catch(() => {})
      disposals.add(disposal)
      void disposal.then(() => disposals.delete(disposal))
    }
    values.clear()
  }
  return {
    get<T>(slot: StateSlot<T>): T {
      if (!values.has(slot)) values.set(slot, slot.create())
      // The value was made by this very slot.
      return values.get(slot) as T
    },
    reset,
    close: async () => {
      reset()
      await Promise.all(disposals)
    },
  }
}
