/** Lists a person's contacts with their telephone numbers, through all pages. */
import { createClient } from 'discokit'
import { accessToken } from 'discokit/auth'

const google = createClient({ auth: accessToken(process.env.GOOGLE_ACCESS_TOKEN ?? '') })
const people = await google.discover('people:v1')

const connections = people.people.connections.list({
  resourceName: 'people/me',
  personFields: 'names,phoneNumbers',
  pageSize: 10,
})
let count = 0
for await (const { names, phoneNumbers } of connections) {
  count++
  console.log(names?.[0]?.displayName ?? '(no name)', phoneNumbers?.[0]?.value ?? '(no number)')
}
console.log(`${count} contacts`)
