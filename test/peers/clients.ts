import { books } from '@googleapis/books'
import { calendar } from '@googleapis/calendar'
import { classroom } from '@googleapis/classroom'
import { cloudresourcemanager } from '@googleapis/cloudresourcemanager'
import { docs } from '@googleapis/docs'
import { drive } from '@googleapis/drive'
import { gmail } from '@googleapis/gmail'
import { oauth2 } from '@googleapis/oauth2'
import { people } from '@googleapis/people'
import { sheets } from '@googleapis/sheets'
import { storage } from '@googleapis/storage'
import { tasks } from '@googleapis/tasks'
import { translate } from '@googleapis/translate'
import { webmasters } from '@googleapis/webmasters'
import { youtube } from '@googleapis/youtube'

/** Google's own clients for Node, by the name of the document that each was made from. */
export const clients: Readonly<Record<string, (options: { rootUrl: string }) => object>> = {
  'books-v1': (options) => books({ version: 'v1', ...options }),
  'calendar-v3': (options) => calendar({ version: 'v3', ...options }),
  'classroom-v1': (options) => classroom({ version: 'v1', ...options }),
  'cloudresourcemanager-v3': (options) => cloudresourcemanager({ version: 'v3', ...options }),
  'docs-v1': (options) => docs({ version: 'v1', ...options }),
  'drive-v2': (options) => drive({ version: 'v2', ...options }),
  'drive-v3': (options) => drive({ version: 'v3', ...options }),
  'gmail-v1': (options) => gmail({ version: 'v1', ...options }),
  'oauth2-v2': (options) => oauth2({ version: 'v2', ...options }),
  'people-v1': (options) => people({ version: 'v1', ...options }),
  'sheets-v4': (options) => sheets({ version: 'v4', ...options }),
  'storage-v1': (options) => storage({ version: 'v1', ...options }),
  'tasks-v1': (options) => tasks({ version: 'v1', ...options }),
  'translate-v2': (options) => translate({ version: 'v2', ...options }),
  'translate-v3': (options) => translate({ version: 'v3', ...options }),
  'webmasters-v3': (options) => webmasters({ version: 'v3', ...options }),
  'youtube-v3': (options) => youtube({ version: 'v3', ...options }),
}
