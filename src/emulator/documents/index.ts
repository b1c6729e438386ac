/** Every starter document, in one module that is loaded when an emulator is made. */
import type { RestDescription } from '../../discovery/document.ts'
import books from './books.v1.json' with { type: 'json' }
import calendar from './calendar.v3.json' with { type: 'json' }
import discovery from './discovery.v1.json' with { type: 'json' }
import drive from './drive.v3.json' with { type: 'json' }
import iamcredentials from './iamcredentials.v1.json' with { type: 'json' }
import oauth2 from './oauth2.v2.json' with { type: 'json' }
import people from './people.v1.json' with { type: 'json' }
import storage from './storage.v1.json' with { type: 'json' }
import sts from './sts.v1.json' with { type: 'json' }
import translate from './translate.v2.json' with { type: 'json' }
import urlshortener from './urlshortener.v1.json' with { type: 'json' }
import youtube from './youtube.v3.json' with { type: 'json' }

// The script that writes the files keeps to the members of RestDescription.
export const documents = [
  storage,
  discovery,
  drive,
  calendar,
  people,
  translate,
  youtube,
  books,
  urlshortener,
  oauth2,
  iamcredentials,
  sts,
] as readonly RestDescription[]
