import { discoveryService } from '../discovery-service.ts'
import type { Service } from '../service.ts'
import { calendarService } from './calendar/index.ts'
import { driveService } from './drive/index.ts'
import { peopleService } from './people/index.ts'
import { storageService } from './storage/index.ts'

/** Everything that is modelled. */
export const services: readonly Service[] = [
  discoveryService,
  calendarService,
  driveService,
  peopleService,
  storageService,
]
