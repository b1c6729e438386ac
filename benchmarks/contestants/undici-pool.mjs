/** undici's pool by hand: the fastest HTTP client Node has, with JSON parsed. */
import { Pool } from 'undici'
import { repeat } from './repeat.mjs'

export async function get({ base, ...options }) {
  const pool = new Pool(base, { connections: 64 })
  const one = async (i) => {
    const path = `/storage/v1/b/photos/o/${encodeURIComponent(`cat-${i}.png`)}`
    const { body } = await pool.request({
      method: 'GET',
      path,
      headers: { authorization: 'Bearer ya29.benchmark-token' },
    })
    return body.json()
  }
  await one(0)
  return repeat(one, options)
}
