import { createClient, type PreparedRequest, ValidationError } from 'discokit'
import { anonymous } from 'discokit/auth'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { answer, answering } from '../client/answers.ts'
import { type Recorder, startRecorder } from '../peers/recorder.ts'
import { memberAt, needDocuments, readDocument } from './documents.ts'

/** A method, as far as it is used here. */
interface Preparing {
  (parameters?: object): PromiseLike<unknown>
  prepare(parameters?: object): PreparedRequest
  readonly $id: string
  readonly $raw: { readonly deprecated?: boolean; readonly apiVersion?: string }
  readonly $path: readonly string[]
  readonly $optional: readonly string[]
}

const fhirStore = 'projects/p/locations/l/datasets/d/fhirStores/f'

/** What is unusual, where, which arguments show it, and the address that must come of them. */
const addresses: readonly [
  oddity: string,
  document: string,
  path: string,
  parameters: object,
  method: string,
  url: string,
][] = [
  [
    'a path parameter named like a global query parameter',
    'recaptchaenterprise-v1',
    'projects/keys/retrieveLegacySecretKey',
    { key: 'projects/p/keys/k', prettyPrint: false },
    'GET',
    'https://recaptchaenterprise.googleapis.com/v1/projects/p/keys/k:retrieveLegacySecretKey?prettyPrint=false',
  ],
  [
    'a method at the top that declares the global parameters again',
    'oauth2-v2',
    'tokeninfo',
    { alt: 'json', fields: 'email', id_token: 'a.b', userip: '::1' },
    'POST',
    'https://www.googleapis.com/oauth2/v2/tokeninfo?alt=json&fields=email&id_token=a.b&userip=%3A%3A1',
  ],
  [
    'parameter names with dashes',
    'analytics-v3',
    'data/ga/get',
    { ids: 'ga:1', metrics: 'ga:users', 'start-date': '7daysAgo', 'end-date': 'today', 'start-index': 1001 },
    'GET',
    'https://analytics.googleapis.com/analytics/v3/data/ga' +
      '?ids=ga%3A1&metrics=ga%3Ausers&start-date=7daysAgo&end-date=today&start-index=1001',
  ],
  [
    'a parameter named $.xgafv',
    'tasks-v1',
    'tasklists/list',
    { '$.xgafv': '2' },
    'GET',
    'https://tasks.googleapis.com/tasks/v1/users/@me/lists?%24.xgafv=2',
  ],
  [
    'parameter names with dots, and repeated enums',
    'adsense-v2',
    'accounts/reports/generate',
    { account: 'accounts/pub-1', 'startDate.day': 7, metrics: ['CLICKS', 'AD_REQUESTS'], dimensions: 'DATE' },
    'GET',
    'https://adsense.googleapis.com/v2/accounts/pub-1/reports:generate' +
      '?startDate.day=7&metrics=CLICKS&metrics=AD_REQUESTS&dimensions=DATE',
  ],
  [
    'an integer in the path',
    'dfareporting-v5',
    'videoFormats/get',
    { profileId: '9223372036854775807', id: 12 },
    'GET',
    'https://dfareporting.googleapis.com/dfareporting/v5/userprofiles/9223372036854775807/videoFormats/12',
  ],
  [
    'two {+x} in one path, and a {x} between them',
    'aiplatform-v1',
    'projects/locations/endpoints/deployedModels/invoke/invoke',
    { endpoint: 'projects/p/locations/l/endpoints/e', deployedModelId: 'a/b', invokeId: 'v1/chat?x' },
    'POST',
    'https://aiplatform.googleapis.com/v1/projects/p/locations/l/endpoints/e/deployedModels/a%2Fb/invoke/v1/chat%3Fx',
  ],
  [
    'a custom verb after a literal',
    'sheets-v4',
    'spreadsheets/values/batchGet',
    { spreadsheetId: 's', ranges: ['A1:B2', "'a sheet'!C3"] },
    'GET',
    'https://sheets.googleapis.com/v4/spreadsheets/s/values:batchGet?ranges=A1%3AB2&ranges=%27a%20sheet%27!C3',
  ],
  [
    'a custom verb after a variable, in a method named call',
    'cloudfunctions-v1',
    'projects/locations/functions/call',
    { name: 'projects/p/locations/l/functions/f' },
    'POST',
    'https://cloudfunctions.googleapis.com/v1/projects/p/locations/l/functions/f:call',
  ],
  [
    'a method named return',
    'classroom-v1',
    'courses/courseWork/studentSubmissions/return',
    { courseId: 'd:a b', courseWorkId: '2', id: '3' },
    'POST',
    'https://classroom.googleapis.com/v1/courses/d%3Aa%20b/courseWork/2/studentSubmissions/3:return',
  ],
  [
    'a resource named well-known and a dot before a literal',
    'container-v1',
    'projects/locations/clusters/well-known/getOpenid-configuration',
    { parent: 'projects/p/locations/l/clusters/c' },
    'GET',
    'https://container.googleapis.com/v1/projects/p/locations/l/clusters/c/.well-known/openid-configuration',
  ],
  [
    'a resource named -',
    'readerrevenuesubscriptionlinking-v1',
    'publications/-/readers/entitlements/list',
    { parent: 'publications/-/readers/r' },
    'GET',
    'https://readerrevenuesubscriptionlinking.googleapis.com/v1/publications/-/readers/r/entitlements',
  ],
  [
    'a method named Binary-read',
    'healthcare-v1',
    'projects/locations/datasets/fhirStores/fhir/Binary-read',
    { name: `${fhirStore}/fhir/Binary/b` },
    'GET',
    `https://healthcare.googleapis.com/v1/${fhirStore}/fhir/Binary/b`,
  ],
  [
    'a dollar sign in a literal, and parameters that begin with an underscore',
    'healthcare-v1',
    'projects/locations/datasets/fhirStores/bulk-export-group',
    { name: `${fhirStore}/fhir/Group/g`, _since: '2026-01-01T00:00:00+01:00' },
    'GET',
    `https://healthcare.googleapis.com/v1/${fhirStore}/fhir/Group/g/$export?_since=2026-01-01T00%3A00%3A00%2B01%3A00`,
  ],
  [
    'dots in a literal, and a parameter named continue',
    'run-v1',
    'namespaces/configurations/list',
    { parent: 'namespaces/n', continue: 'next' },
    'GET',
    'https://run.googleapis.com/apis/serving.knative.dev/v1/namespaces/n/configurations?continue=next',
  ],
  [
    'methods at the top of an API without resources, and a parameter named with',
    'freebase-v1',
    'search',
    { query: 'a b', with: ['x', 'y'], filter: '(all type:/people/person)' },
    'GET',
    'https://www.googleapis.com/freebase/v1/search?query=a%20b&with=x&with=y&filter=(all%20type%3A%2Fpeople%2Fperson)',
  ],
  [
    'slashes in a {x}',
    'webmasters-v3',
    'searchanalytics/query',
    { siteUrl: 'https://example.com/' },
    'POST',
    'https://www.googleapis.com/webmasters/v3/sites/https%3A%2F%2Fexample.com%2F/searchAnalytics/query',
  ],
  [
    'slashes in a {+x}',
    'admin-directory_v1',
    'orgunits/get',
    { customerId: 'C', orgUnitPath: 'corp/sales & more' },
    'GET',
    'https://admin.googleapis.com/admin/directory/v1/customer/C/orgunits/corp/sales%20%26%20more',
  ],
  [
    'a parameter named like an option of other clients',
    'apigee-v1',
    'organizations/apis/create',
    { parent: 'organizations/o', validate: true, name: 'n' },
    'POST',
    'https://apigee.googleapis.com/v1/organizations/o/apis?validate=true&name=n',
  ],
  [
    'an id whose last part is not the name of the method',
    'sqladmin-v1',
    'connect/generateEphemeralCert',
    { project: 'p', instance: 'i' },
    'POST',
    'https://sqladmin.googleapis.com/v1/projects/p/instances/i:generateEphemeralCert',
  ],
  [
    'a default that its own enum does not have',
    'orkut-v2',
    'comments/list',
    { activityId: 'a', orderBy: 'ascending' },
    'GET',
    'https://www.googleapis.com/orkut/v2/activities/a/comments?orderBy=ascending',
  ],
  [
    'a deprecated method',
    'container-v1',
    'projects/zones/clusters/locations',
    { projectId: 'p', zone: 'z', clusterId: 'c', body: { locations: ['z'] } },
    'POST',
    'https://container.googleapis.com/v1/projects/p/zones/z/clusters/c/locations',
  ],
]

describe('what is unusual in real documents', () => {
  beforeEach(needDocuments)
  let recorder: Recorder
  beforeAll(async () => {
    recorder = await startRecorder()
  })
  afterAll(async () => {
    await recorder.close()
  })

  const google = createClient()
  const find = (name: string, path: string, client = google): Preparing =>
    memberAt(client.api(readDocument(name)), path.split('/')) as Preparing

  test.each(addresses)('%s (%s)', (_, name, path, parameters, method, url) => {
    const request = find(name, path).prepare(parameters)
    expect(request.url).toBe(url)
    expect(request.method).toBe(method)
  })

  test('a path parameter that takes the place of a global one is required, and is no query parameter', () => {
    const method = find('recaptchaenterprise-v1', 'projects/keys/retrieveLegacySecretKey')
    expect(method.$path).toEqual(['key'])
    expect(method.$optional).not.toContain('key')
    expect(() => method.prepare({})).toThrow(ValidationError)
  })

  test.each([
    ['aiplatform-v1', 'projects/locations/publishers/v1/responses', ['compact', 'delete', 'get']],
    ['apigee-v1', 'organizations/apiproducts/attributes', ['delete', 'get', 'list']],
    ['apigee-v1', 'organizations/developers/apps/keys/create', ['create']],
  ])('%s: a method and a resource of one name, %s, are both there', (name, path, below) => {
    const method = find(name, path)
    const ids = [method, ...below.map((member) => find(name, `${path}/${member}`))].map(({ $id }) => $id)
    expect(new Set(ids).size).toBe(below.length + 1)
    for (const id of ids.slice(1)) expect(id.startsWith(`${ids[0]}.`)).toBe(true)
  })

  test('a method of compute names the version of the API in a header', () => {
    const method = find('compute-v1', 'instances/stop')
    const { headers } = method.prepare({ project: 'p', zone: 'z', instance: 'i' })
    expect(headers).toEqual({ 'x-goog-api-version': method.$raw.apiVersion })
    expect(headers['x-goog-api-version']).toMatch(/./)
  })

  test('a deprecated method says so', () => {
    expect(find('container-v1', 'projects/zones/clusters/locations').$raw.deprecated).toBe(true)
  })

  test('translate v2 has a data wrapper, which is left to the API: neither side is changed', async () => {
    const content = { data: { translations: [{ translatedText: 'hallo' }] } }
    const transport = answering(() => answer(200, content))
    const client = createClient({ transport, auth: anonymous() })
    const body = { q: ['hello'], target: 'de' }
    expect(await find('translate-v2', 'translations/translate', client)({ body })).toEqual(content)
    expect(transport.requests[0]!.url).toBe('https://translation.googleapis.com/language/translate/v2')
    expect(JSON.parse(transport.requests[0]!.body as string)).toEqual(body)
  })

  test.each([
    ['a POST', 'compute-v1', 'instances/stop', { project: 'p', zone: 'z', instance: 'i' }],
    ['a PUT', 'webmasters-v3', 'sites/add', { siteUrl: 'https://example.com/' }],
  ])('%s that takes no body says that it has none', async (_, name, path, parameters) => {
    await using client = createClient({ endpoint: recorder.origin, auth: anonymous() })
    const { headers, body } = await recorder.record(() => find(name, path, client)(parameters))
    expect(headers['content-length']).toBe('0')
    expect(headers).not.toHaveProperty('content-type')
    expect(body).toBe('')
  })

  test('a GET with a body is sent with its body', async () => {
    await using client = createClient({ endpoint: recorder.origin, auth: anonymous() })
    const list = find('cloudmonitoring-v2beta2', 'metricDescriptors/list', client)
    const given = { project: 'p', body: { kind: 'cloudmonitoring#listMetricDescriptorsRequest' } }
    const request = await recorder.record(() => list(given))
    expect(request.method).toBe('GET')
    expect(request.target).toBe('/cloudmonitoring/v2beta2/projects/p/metricDescriptors')
    expect(request.headers['content-type']).toBe('application/json')
    expect(JSON.parse(request.body)).toEqual(given.body)
  })

  test('a required parameter that has a default may be left out', () => {
    expect(find('gmail-v1', 'users/messages/list').prepare({}).url).toBe(
      'https://gmail.googleapis.com/gmail/v1/users/me/messages',
    )
    expect(find('dns-v2', 'managedZones/list').prepare({ project: 'p' }).url).toBe(
      'https://dns.googleapis.com/dns/v2/projects/p/locations/global/managedZones',
    )
  })

  test('a required parameter that has a default may be given', () => {
    expect(find('gmail-v1', 'users/messages/list').prepare({ userId: 'a@b.example' }).url).toBe(
      'https://gmail.googleapis.com/gmail/v1/users/a%40b.example/messages',
    )
  })
})
