/** Lists the events of a person's calendar, page after page. */
import { createClient } from 'discokit'
import { accessToken } from 'discokit/auth'

const google = createClient({ auth: accessToken(process.env.GOOGLE_ACCESS_TOKEN ?? '') })
const calendar = await google.discover('calendar:v3')

const events = calendar.events.list({ calendarId: 'primary', singleEvents: true, orderBy: 'startTime' })
for await (const event of events) console.log(event.start.date ?? event.start.dateTime, event.summary)
