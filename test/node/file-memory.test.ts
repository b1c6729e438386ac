import { writeFile } from 'node:fs/promises'
import { describe, expect, test } from 'vitest'
import { file } from 'discokit/node'
import { bytesOf } from '../media/connection.ts'
import { useFolder } from '../media/folder.ts'

const MIB = 1_048_576
const path = useFolder()

describe('the memory of a file that is read', () => {
  test('goes round when the reader lets it, and a chunk is good until the next but one is asked for', async () => {
    const content = bytesOf(9 * MIB + 5)
    await writeFile(path('a'), content)
    const memory = new Set<ArrayBufferLike>()
    let held: Uint8Array | undefined
    let offset = 0
    const check = (chunk: Uint8Array): void => {
      expect(Buffer.compare(chunk, content.subarray(offset, offset + chunk.length))).toBe(0)
      offset += chunk.length
    }
    for await (const chunk of file(path('a')).open({ reuse: true })) {
      memory.add(chunk.buffer)
      if (held) check(held)
      held = chunk
    }
    check(held!)
    expect(offset).toBe(content.length)
    expect(memory.size).toBe(4)
  })

  test('is the reader’s to keep otherwise', async () => {
    const content = bytesOf(6 * MIB)
    await writeFile(path('a'), content)
    const kept: Uint8Array[] = []
    for await (const chunk of file(path('a')).open()) kept.push(chunk)
    expect(Buffer.compare(Buffer.concat(kept), content)).toBe(0)
  })
})
