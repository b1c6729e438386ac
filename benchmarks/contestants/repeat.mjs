/** Does something `count` times, `concurrency` at once. */
export const repeat =
  (one, { count, concurrency }) =>
  async () => {
    let i = 0
    const lane = async () => {
      while (i < count) await one(i++)
    }
    await Promise.all(Array.from({ length: concurrency }, lane))
  }
