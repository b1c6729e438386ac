import fs from 'node:fs'

/**
 * Ends this process by `kill -9` before the n-th thing that it asks of the file system; writing counts as two, of which the second is the
 * half that is written. 0 counts alone. Gives how many there were.
 */
export async function killAt(n: number): Promise<() => number> {
  let steps = 0
  const step = (): void => {
    if (++steps === n) process.kill(process.pid, 'SIGKILL')
  }
  const handle = await fs.promises.open(process.execPath, 'r')
  const handles = Object.getPrototypeOf(handle) as Record<string, (...given: unknown[]) => Promise<unknown>>
  await handle.close()
  const write = handles['write']!

  const promises = fs.promises as unknown as typeof handles
  for (const [place, names] of [
    [promises, ['open', 'rename', 'rm', 'link', 'mkdir', 'readdir', 'lstat', 'utimes']],
    [handles, ['read', 'stat', 'sync', 'close', 'chmod']],
  ] as const) {
    for (const name of names) {
      const real = place[name]!
      place[name] = function (this: unknown, ...given) {
        step()
        return real.apply(this, given)
      }
    }
  }
  handles['writeFile'] = async function (this: unknown, text) {
    step()
    const bytes = Buffer.from(text as string)
    const half = bytes.length >> 1
    await write.call(this, bytes, 0, half)
    step()
    await write.call(this, bytes, half)
  }
  promises['writeFile'] = async (name, text, options) => {
    const { flag, mode } = options as { flag: string; mode: number }
    const opened = await fs.promises.open(name as string, flag, mode)
    try {
      await opened.writeFile(text as string)
    } finally {
      await opened.close()
    }
  }
  return () => steps
}
