/** Downloads an object from a server to a file, so that it can be killed meanwhile. */
import { file } from 'discokit/node'
import { connectTo } from '../connection.ts'

const [url, path, slices] = process.argv.slice(2) as [string, string, string]
const { storage } = await connectTo(url)
const options =
  slices === '1' ? { resume: true } : { resume: true, slices: Number(slices), sliceBytes: 4_194_304 }
await storage['objects'].get.download({ bucket: 'b', object: 'o' }).to(file(path), options)
