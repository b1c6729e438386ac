import { build as ours } from './contestants/discokit.mjs'
import { build as hand } from './contestants/by-hand.mjs'
const o = await ours({ count: 500000 }),
  h = await hand({ count: 500000 })
for (let i = 0; i < 6; i++) {
  let t = performance.now()
  h()
  const a = performance.now() - t
  t = performance.now()
  o()
  const b = performance.now() - t
  console.log((a / 500).toFixed(3), (b / 500).toFixed(3), (b / a).toFixed(2))
}
