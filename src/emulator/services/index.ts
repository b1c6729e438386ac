import { discoveryService } from '../discovery-service.ts'
import type { Service } from '../service.ts'
import { driveService } from './drive/index.ts'
import { storageService } from './storage/index.ts'

/** Everything that is modelled. */
export const services: readonly Service[] = [discoveryService, driveService, storageService]
