import { beforeEach, describe, expect, test } from 'vitest'
import { narrowestScope, narrowestScopes, orderScopes } from '../../src/scopes/narrowest-scope.ts'
import { documentNames, methodsOf, needDocuments, readDocument } from '../documents/documents.ts'

const AUTH = 'https://www.googleapis.com/auth/'
const MAIL = 'https://mail.google.com/'

/** Scopes by the names that follow `…/auth/`. */
const full = (names: string): readonly string[] =>
  names.split(' ').map((name) => (/^(https:.*|openid)$/.test(name) ? name : AUTH + name))
const short = (scope: string | undefined): string | undefined => scope?.replace(AUTH, '')
const narrowest = (names: string, supportsMediaDownload = false): string | undefined =>
  short(narrowestScope({ scopes: full(names), supportsMediaDownload }))

describe('the narrowest scope', () => {
  test.each([
    ['one is enough', 'books', 'books'],
    ['what reads before what writes', 'youtube youtube.force-ssl youtube.readonly', 'youtube.readonly'],
    [
      'however it is written',
      'cloud-platform devstorage.full_control devstorage.read_only',
      'devstorage.read_only',
    ],
    ['with a hyphen', 'cloud-platform container container.read-only', 'container.read-only'],
    ['or without -only', 'cloud-platform monitoring monitoring.read', 'monitoring.read'],
    [
      'or in the middle',
      'photoslibrary photoslibrary.readonly.appcreateddata',
      'photoslibrary.readonly.appcreateddata',
    ],
    [
      'a part before the whole',
      'calendar calendar.events calendar.events.readonly calendar.readonly',
      'calendar.events.readonly',
    ],
    ['of several parts what is around them', 'a a.one.readonly a.two.readonly a.readonly', 'a.readonly'],
    [
      'of several parts with nothing around them the first',
      'a a.one.readonly a.two.readonly',
      'a.one.readonly',
    ],
    [
      'single files before all files',
      'drive drive.appdata drive.file drive.metadata drive.scripts',
      'drive.file',
    ],
    ['all files for reading them', 'drive drive.file drive.readonly', 'drive.readonly'],
    ['the service before where it keeps things', 'drive drive.file spreadsheets', 'spreadsheets'],
    ['the service before all of the cloud', 'bigquery cloud-platform cloud-platform.read-only', 'bigquery'],
    [
      'reading all of the cloud before all of it',
      'cloud-platform cloud-platform.read-only',
      'cloud-platform.read-only',
    ],
    [
      'another service does not lend its own',
      'drive drive.file presentations spreadsheets spreadsheets.readonly',
      'presentations',
    ],
    ['who somebody is, is not what is asked', 'cloud-platform compute userinfo.email', 'compute'],
    ['unless nothing else is', 'openid userinfo.email userinfo.profile', 'userinfo.email'],
    [
      'never what makes other calls fail',
      `${MAIL} gmail.metadata gmail.modify gmail.readonly`,
      'gmail.readonly',
    ],
    [
      'never what is for add-ons',
      `${MAIL} gmail.addons.current.action.compose gmail.compose gmail.modify`,
      'gmail.compose',
    ],
    ['all of the mail only where nothing less does', `${MAIL} gmail.modify`, 'gmail.modify'],
    ['an address of a scope is one too', MAIL, MAIL],
  ])('%s: %s', (_, names, expected) => {
    expect(narrowest(names)).toBe(expected)
  })

  test('for content is one that shows more than metadata', () => {
    const names = 'drive drive.file drive.metadata drive.metadata.readonly drive.readonly'
    expect(narrowest(names)).toBe('drive.metadata.readonly')
    expect(narrowest(names, true)).toBe('drive.readonly')
  })

  test('is the same where a document names one twice', () => {
    const names = 'calendar calendar.events.readonly calendar.events.readonly calendar.readonly'
    expect(narrowest(names)).toBe('calendar.events.readonly')
  })

  test('is none where none is needed', () => {
    expect(narrowestScope({})).toBeUndefined()
    expect(narrowestScope({ scopes: [] })).toBeUndefined()
  })

  test('is followed by the others, what is for something else last', () => {
    const scopes = full('drive drive.appdata drive.file drive.meet.readonly drive.metadata drive.readonly')
    expect(orderScopes({ scopes }).map(short)).toEqual([
      'drive.readonly',
      'drive.metadata',
      'drive',
      'drive.meet.readonly',
      'drive.file',
      'drive.appdata',
    ])
  })
})

describe('the narrowest scopes of several methods', () => {
  const list = { scopes: full('drive drive.file drive.metadata drive.metadata.readonly drive.readonly') }
  const get = { ...list, supportsMediaDownload: true }
  const create = { scopes: full('drive drive.file') }
  const of = (...methods: Parameters<typeof narrowestScopes>[0]) => narrowestScopes(methods).map(short)

  test('are no more than are needed, and none is wider for that', () => {
    expect(of(list)).toEqual(['drive.metadata.readonly'])
    expect(of(list, get)).toEqual(['drive.readonly'])
    expect(of(get, list)).toEqual(['drive.readonly'])
    expect(of(list, create)).toEqual(['drive.metadata.readonly', 'drive.file'])
    expect(of(list, create, list, get)).toEqual(['drive.file', 'drive.readonly'])
  })

  test('are none for methods that need none', () => {
    expect(of()).toEqual([])
    expect(of({}, { scopes: [] })).toEqual([])
    expect(of({}, create)).toEqual(['drive.file'])
  })
})

describe('in Google’s own documents', () => {
  beforeEach(needDocuments)

  /** What somebody would expect. */
  const EXPECTED: readonly (readonly [document: string, choices: Readonly<Record<string, string>>])[] = [
    [
      'drive-v3',
      {
        'about.get': 'drive.metadata.readonly',
        'apps.list': 'drive.apps.readonly',
        'changes.list': 'drive.metadata.readonly',
        'comments.create': 'drive.file',
        'drives.create': 'drive',
        'drives.list': 'drive.readonly',
        'files.copy': 'drive.file',
        'files.create': 'drive.file',
        'files.delete': 'drive.file',
        'files.emptyTrash': 'drive',
        'files.export': 'drive.readonly',
        'files.get': 'drive.readonly',
        'files.list': 'drive.metadata.readonly',
        'files.update': 'drive.file',
        'permissions.create': 'drive.file',
        'permissions.list': 'drive.metadata.readonly',
      },
    ],
    [
      'gmail-v1',
      {
        'users.drafts.create': 'gmail.compose',
        'users.getProfile': 'gmail.readonly',
        'users.labels.create': 'gmail.labels',
        'users.labels.list': 'gmail.labels',
        'users.messages.delete': MAIL,
        'users.messages.get': 'gmail.readonly',
        'users.messages.insert': 'gmail.insert',
        'users.messages.list': 'gmail.readonly',
        'users.messages.modify': 'gmail.modify',
        'users.messages.send': 'gmail.send',
        'users.settings.updateVacation': 'gmail.settings.basic',
      },
    ],
    [
      'calendar-v3',
      {
        'acl.insert': 'calendar.acls',
        'calendarList.list': 'calendar.calendarlist.readonly',
        'calendars.get': 'calendar.calendars.readonly',
        'channels.stop': 'calendar.readonly',
        'events.insert': 'calendar.events',
        'events.list': 'calendar.events.readonly',
        'freebusy.query': 'calendar.freebusy',
        'settings.list': 'calendar.settings.readonly',
      },
    ],
    [
      'storage-v1',
      {
        'buckets.insert': 'devstorage.read_write',
        'buckets.setIamPolicy': 'devstorage.full_control',
        'objects.get': 'devstorage.read_only',
        'objects.insert': 'devstorage.read_write',
        'objects.list': 'devstorage.read_only',
      },
    ],
    [
      'people-v1',
      {
        'otherContacts.copyOtherContactToMyContactsGroup': 'contacts',
        'otherContacts.list': 'contacts.other.readonly',
        'people.connections.list': 'contacts.readonly',
        'people.createContact': 'contacts',
        'people.get': 'contacts.readonly',
        'people.listDirectoryPeople': 'directory.readonly',
      },
    ],
    [
      'youtube-v3',
      {
        'channels.list': 'youtube.readonly',
        'comments.insert': 'youtube.force-ssl',
        'playlists.insert': 'youtube',
        'search.list': 'youtube.readonly',
        'videos.insert': 'youtube.upload',
        'videos.update': 'youtube',
      },
    ],
    [
      'sheets-v4',
      {
        'spreadsheets.create': 'spreadsheets',
        'spreadsheets.get': 'spreadsheets.readonly',
        'spreadsheets.values.update': 'spreadsheets',
      },
    ],
    ['docs-v1', { 'documents.batchUpdate': 'documents', 'documents.get': 'documents.readonly' }],
    ['compute-v1', { 'instances.insert': 'compute', 'instances.list': 'compute.readonly' }],
    ['bigquery-v2', { 'jobs.insert': 'bigquery', 'tabledata.insertAll': 'bigquery.insertdata' }],
    [
      'classroom-v1',
      {
        'courses.courseWork.create': 'classroom.coursework.students',
        'courses.courseWork.list': 'classroom.coursework.me.readonly',
        'courses.list': 'classroom.courses.readonly',
        'courses.students.list': 'classroom.rosters.readonly',
        'userProfiles.get': 'classroom.rosters.readonly',
      },
    ],
    ['cloudresourcemanager-v3', { 'projects.get': 'cloud-platform.read-only' }],
    ['oauth2-v2', { 'userinfo.get': 'userinfo.email' }],
    ['tasks-v1', { 'tasks.insert': 'tasks', 'tasks.list': 'tasks.readonly' }],
    [
      'admin-directory_v1',
      { 'members.insert': 'admin.directory.group.member', 'users.list': 'admin.directory.user.readonly' },
    ],
  ]

  test.each(EXPECTED)('%s: it is what somebody would expect', (name, choices) => {
    const methods = methodsOf(readDocument(name))
    const chosen = Object.keys(choices).map((path) => {
      const found = methods.find((each) => each.path.join('.') === path)
      return [path, found && short(narrowestScope(found.method))]
    })
    expect(Object.fromEntries(chosen)).toEqual(choices)
  })

  const POISON = /\.addons\.|gmail\.metadata|drive\.(appdata|scripts|photos|meet)|youtubepartner/
  test('it is one of the method’s own, never a special one, never all of the cloud where less does', () => {
    let methods = 0
    for (const name of documentNames) {
      for (const { method } of methodsOf(readDocument(name))) {
        const { id, scopes = [] } = method
        const chosen = narrowestScope(method)
        if (scopes.length === 0) expect([id, chosen]).toEqual([id, undefined])
        else methods += 1
        if (chosen === undefined) continue
        expect(scopes, id).toContain(chosen)
        expect([...orderScopes(method)].toSorted(), id).toEqual([...scopes].toSorted())
        const others = scopes.filter((scope) => !POISON.test(scope))
        if (others.length > 0) expect(chosen, id).not.toMatch(POISON)
        const ofTheService = scopes.filter((scope) => !scope.includes('/cloud-platform'))
        if (ofTheService.length > 0) expect(chosen, id).not.toContain('/cloud-platform')
      }
    }
    expect(methods).toBeGreaterThan(5_000)
  })

  test('what only reads is asked for nothing more, where the service has such a scope', () => {
    const writing: string[] = []
    for (const name of documentNames) {
      for (const { method } of methodsOf(readDocument(name))) {
        const { id, scopes = [], httpMethod } = method
        const reading = scopes.filter(
          (scope) => /read[-_]?only$/.test(scope) && !/\/cloud-platform/.test(scope),
        )
        const chosen = narrowestScope(method)
        if (httpMethod === 'GET' && reading.length > 0 && !/read[-_]?only$/.test(chosen!)) writing.push(id)
      }
    }
    // Labels without the mail, in place of reading all of it.
    expect(writing).toEqual(['gmail.users.labels.get', 'gmail.users.labels.list'])
  })
})
