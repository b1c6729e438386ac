import { expect, test } from 'vitest'
import { killUploads } from './kill-uploads.ts'
import { torture } from './torture.ts'

/** Another each time: what fails can be repeated by `npm run torture -- --seed SEED --only CASE`. */
const seed = Math.floor(Math.random() * 2 ** 31)

test('uploads and downloads under faults are exact, or fail with the truth', async () => {
  const { results, faults, wrong } = await torture({ count: 200, seed, p: 0.3 })
  expect(wrong, `seed ${seed}`).toEqual([])
  expect([...results.values()].reduce((sum, cases) => sum + cases)).toBe(200)
  expect(results.get('upload exact')).toBeGreaterThan(50)
  expect(results.get('download exact')).toBeGreaterThan(30)
  expect(faults).toBeGreaterThan(50)
})

test('without faults all are exact', async () => {
  const { results, wrong } = await torture({ count: 60, seed, p: 0 })
  expect(wrong, `seed ${seed}`).toEqual([])
  expect([...results.keys()].filter((result) => !/exact$|given up$/.test(result))).toEqual([])
})

test(
  'uploads that are killed at random moments are finished by the same command',
  { timeout: 120_000 },
  async () => {
    const { rows, wrong } = await killUploads({ count: KILLS, seed })
    process.stdout.write(`${rows.join('\n')}\n`)
    expect(wrong, `seed ${seed}`).toEqual([])
  },
)

const KILLS = 20
