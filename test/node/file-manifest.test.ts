import { appendFile, mkdir, readFile, stat, truncate, writeFile } from 'node:fs/promises'
import { ValidationError } from 'discokit'
import { fileManifest } from 'discokit/node'
import type { TransferManifest, TransferRecord } from 'discokit/storage'
import { describe, expect, test } from 'vitest'
import { readLines } from '../../src/node/line-file.ts'
import { failureOf } from '../media/connection.ts'
import { useFolder } from '../media/folder.ts'

const path = useFolder()
const record = (object: string, more: object = {}): TransferRecord => ({
  version: 1,
  direction: 'upload',
  bucket: 'b',
  object,
  outcome: 'done',
  ...more,
})
async function objects(manifest: TransferManifest): Promise<string[]> {
  const read: string[] = []
  for await (const { object } of manifest.read()) read.push(object)
  return read
}
const lines = async (): Promise<string[]> => {
  const read: string[] = []
  for await (const line of readLines(path('m'))) read.push(line)
  return read
}

describe('a manifest in a file', () => {
  test('keeps records in their order, one in each line, for its user alone', async () => {
    const manifest = fileManifest(path('m'))
    expect(await objects(manifest)).toEqual([])
    await manifest.append(record('a', { size: 1, generation: '2', crc32c: 'AAAAAA==' }))
    await Promise.all(['b', 'c\n', 'd'].map((object) => manifest.append(record(object))))
    await manifest.close()
    await manifest.append(record('e'))
    await manifest.close()
    expect(await objects(fileManifest(path('m')))).toEqual(['a', 'b', 'c\n', 'd', 'e'])
    expect((await readFile(path('m'), 'utf8')).split('\n')).toHaveLength(6)
    expect((await stat(path('m'))).mode & 0o777).toBe(0o600)
  })

  test('whose last line was cut off goes on in a new one', async () => {
    const first = fileManifest(path('m'))
    await first.append(record('a'))
    await first.append(record('b'))
    await first.close()
    await truncate(path('m'), (await stat(path('m'))).size - 5)
    const second = fileManifest(path('m'))
    expect(await objects(second)).toEqual(['a'])
    await second.append(record('c'))
    await second.close()
    expect(await objects(second)).toEqual(['a', 'c'])
  })

  test('passes over what is no record', async () => {
    const bad = [
      '{}',
      'null',
      '3',
      '{"version":1',
      JSON.stringify(record('x', { version: 2 })),
      JSON.stringify(record('x', { direction: 'sideways' })),
      JSON.stringify(record('x', { outcome: 'maybe' })),
      JSON.stringify(record('x', { size: 1.5 })),
      JSON.stringify(record('x', { fingerprint: {} })),
      JSON.stringify({ ...record('x'), bucket: 1 }),
      '',
    ]
    await writeFile(path('m'), `${bad.join('\n')}\n${JSON.stringify(record('good'))}\n`)
    expect(await objects(fileManifest(path('m')))).toEqual(['good'])
  })

  test('that cannot be one is an error that names it', async () => {
    await mkdir(path('m'))
    const manifest = fileManifest(path('m'))
    expect(await failureOf(manifest.append(record('a')))).toBeTruthy()
    await manifest.close()
    expect(await failureOf(fileManifest(path('none/m')).append(record('a')))).toMatchObject({
      code: 'ENOENT',
    })
    await writeFile(path('file'), '')
    expect(await failureOf(fileManifest(path('file/m')).append(record('a')))).not.toBeInstanceOf(
      ValidationError,
    )
  })
})

describe('the lines of a file', () => {
  test('are read whole, however they fall into pieces', async () => {
    const written = Array.from({ length: 3_000 }, (_, i) => `${'x'.repeat((i * 37) % 400)}${i}é`)
    await writeFile(path('m'), `${written.join('\n')}\n`)
    expect(await lines()).toEqual(written)
  })

  test('that are too long are left out', async () => {
    await writeFile(path('m'), `a\n${'x'.repeat(70_000)}\nb\n${'y'.repeat(200_000)}\nc\n`)
    await appendFile(path('m'), 'without an end')
    expect(await lines()).toEqual(['a', 'b', 'c'])
  })
})
