/** Sends everything with `fetch`, as in browsers and edge workers, and prints what is sent. */
import { createClient, fetchTransport, type Transport } from 'discokit'
import { accessToken } from 'discokit/auth'

const send = fetchTransport()
const transport: Transport = (request, context) => {
  console.log(request.method, new URL(request.url).pathname)
  return send(request, context)
}

const google = createClient({ transport, auth: accessToken(process.env.GOOGLE_ACCESS_TOKEN ?? '') })
const calendar = await google.discover('calendar:v3')
const { items } = await calendar.events.list({ calendarId: 'primary' })
console.log(`${items.length} events`)
