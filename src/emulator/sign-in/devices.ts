import { toBase64Url } from '../../protocol/base64.ts'
import type { Clock } from '../clock.ts'
import type { ClientGrant } from '../refresh-tokens.ts'
import type { OauthClient } from './oauth-clients.ts'

/** A device that waits for somebody's consent (RFC 8628). */
export interface DeviceRequest {
  readonly deviceCode: string
  /** What people type: `ABCD-EFGH`. */
  readonly userCode: string
  readonly client: OauthClient
  readonly scopes: readonly string[]
  readonly expiresAt: number
  /** How long it must wait between two questions. Each that comes sooner makes it longer. */
  intervalMs: number
  askedAt?: number
  outcome?: 'denied' | 'used' | ClientGrant
}

/** The devices that wait. */
export interface Devices {
  begin(client: OauthClient, scopes: readonly string[]): DeviceRequest
  byDeviceCode(deviceCode: string): DeviceRequest | undefined
  /** One that still waits. Small letters, spaces and a missing hyphen do not matter. */
  byUserCode(userCode: string): DeviceRequest | undefined
}

export const DEVICE_LIFETIME_SECONDS = 1_800
export const DEVICE_INTERVAL_SECONDS = 5

export function createDevices(clock: Clock): Devices {
  const devices = new Map<string, DeviceRequest>()
  return {
    begin(client, scopes) {
      if (devices.size >= MOST) devices.delete(devices.keys().next().value!)
      const deviceCode = `AH-${toBase64Url(crypto.getRandomValues(new Uint8Array(48)))}`
      const device: DeviceRequest = {
        deviceCode,
        userCode: `${letters(4)}-${letters(4)}`,
        client,
        scopes,
        expiresAt: clock.now() + DEVICE_LIFETIME_SECONDS * 1000,
        intervalMs: DEVICE_INTERVAL_SECONDS * 1000,
      }
      devices.set(deviceCode, device)
      return device
    },
    byDeviceCode: (deviceCode) => devices.get(deviceCode),
    byUserCode(userCode) {
      const plain = userCode.replace(/[\s-]/g, '').toUpperCase()
      return [...devices.values()].find(
        (device) =>
          device.userCode.replace('-', '') === plain &&
          device.outcome === undefined &&
          device.expiresAt > clock.now(),
      )
    },
  }
}

const MOST = 1_000

/** Consonants alone: they make no words, and are not taken for digits (RFC 8628 section 6.1). */
function letters(count: number): string {
  const bytes = crypto.getRandomValues(new Uint8Array(count))
  return Array.from(bytes, (byte) => 'BCDFGHJKLMNPQRSTVWXZ'[byte % 20]).join('')
}
