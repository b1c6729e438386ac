import { createClient } from 'discokit'
import { anonymous } from 'discokit/auth'
import { answer, answering } from '../answers.ts'
import { notes } from '../notes-document.ts'

/** Makes a call that fails, touches it in the manner that the argument names, and goes on. */
const transport = answering(() => answer(404, { error: { code: 404, message: 'Not Found' } }))
const { list } = createClient({ transport, auth: anonymous() }).api(notes).notes

const manners: Record<string, () => unknown> = {
  untouched: () => list({ owner: 'me' }),
  'wrong-parameters': () => list({ owmer: 'me' }),
  'with-response': () => list({ owner: 'me' }).withResponse(),
  pages: () => list({ owner: 'me' }).pages(),
  iterator: () => list({ owner: 'me' })[Symbol.asyncIterator](),
  catch: () => list({ owner: 'me' }).catch(() => {}),
  'as-response': () =>
    list({ owner: 'me' })
      .asResponse()
      .catch(() => {}),
}
manners[process.argv[2]!]!()
setTimeout(() => process.stdout.write('survived\n'), 50)
