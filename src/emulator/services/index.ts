import { discoveryService } from '../discovery-service.ts'
import type { Service } from '../service.ts'
import { booksService } from './books/index.ts'
import { calendarService } from './calendar/index.ts'
import { driveService } from './drive/index.ts'
import { iamCredentialsService } from './iamcredentials/index.ts'
import { oauth2Service } from './oauth2/index.ts'
import { peopleService } from './people/index.ts'
import { storageService } from './storage/index.ts'
import { stsService } from './sts/index.ts'
import { translateService } from './translate/index.ts'
import { urlshortenerService } from './urlshortener/index.ts'
import { youtubeService } from './youtube/index.ts'

/** Everything that is modelled. */
export const services: readonly Service[] = [
  booksService,
  calendarService,
  discoveryService,
  driveService,
  iamCredentialsService,
  oauth2Service,
  peopleService,
  storageService,
  stsService,
  translateService,
  urlshortenerService,
  youtubeService,
]
