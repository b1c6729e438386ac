import { nodeTransport } from 'discokit/node'
import { test } from 'vitest'
import { contextOf } from './contexts.ts'
import { httpServer } from './servers.ts'
test('x', async () => {
  const server = await httpServer((_, response) => void response.writeHead(403).end('refused'))
  server.open
  const send = nodeTransport()
  const a = await send({method:'POST',url:server.url+'/',headers:{},body:{length: 1e9, replayable:true, async *open(){ for(let i=0;i<10000;i++) yield Buffer.alloc(65536)}}}, contextOf())
  for (const s of server.open) s.on('end',()=>console.log('srv end')).on('error',e=>console.log('srv err',e)).on('close',()=>console.log('srv close', new Error().stack))
  console.log(await a.body.text())
  for (let i=0;i<20;i++) { await new Promise(r=>setTimeout(r,100)); if(!server.open.size) {console.log('closed',i);break} }
  console.log(process.getActiveResourcesInfo())
})
