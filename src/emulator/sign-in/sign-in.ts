import type { Clock } from '../clock.ts'
import type { AuthorizationRequest } from './authorization-request.ts'
import { type Browsers, createBrowsers } from './browsers.ts'
import { type Codes, createCodes } from './codes.ts'
import { type Consents, createConsents } from './consents.ts'
import { createDevices, type DeviceRequest, type Devices } from './devices.ts'
import { createForms, type Forms } from './forms.ts'
import { createPeople, type People } from './people.ts'

/** What signing people in remembers. */
export interface SignIn {
  readonly people: People
  readonly consents: Consents
  readonly codes: Codes
  readonly devices: Devices
  readonly browsers: Browsers
  /** The pages of consent that were shown: for a code, or for a device. */
  readonly pages: Forms<AuthorizationRequest | DeviceRequest>
  /** The pages that ask for a device's code. */
  readonly devicePages: Forms<true>
}

export function createSignIn(clock: Clock): SignIn {
  return {
    people: createPeople(),
    consents: createConsents(),
    codes: createCodes(clock),
    devices: createDevices(clock),
    browsers: createBrowsers(),
    pages: createForms(),
    devicePages: createForms(),
  }
}
