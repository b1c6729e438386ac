import { ValidationError } from '../errors.ts'
import { originOf } from './origin.ts'

/**
 * The emulator that `discokit emulator` told the shell about, without a `/` at its end. Only one on this machine counts.
 * @param address what the variable `DISCOKIT_EMULATOR` says
 * @throws {ValidationError} for another.
 */
export function emulatorAddress(address: string | undefined): string | undefined {
  if (address === undefined) return undefined
  const isPlain = /^[\x21\x24-\x3e\x40-\x7e]+$/.test(address) // no ? and no #
  if (isPlain && originOf(address)?.loopback) return address.replace(/\/+$/, '')
  const message = 'must be an address on this machine, such as http://127.0.0.1:9090'
  throw new ValidationError('the client cannot be made', [{ path: 'DISCOKIT_EMULATOR', message }])
}
