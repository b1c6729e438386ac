import { DataLossError } from '../errors.ts'

/** The bytes that came are not those that are stored. */
export function lost(id: string, what: string, expected: string, actual: string): DataLossError {
  return new DataLossError(
    `${id}: the bytes that came are not those that were stored: ${what} ${actual}, not ${expected}`,
    { expected, actual },
  )
}

/** Another version took the place of the one whose first bytes came. */
export function changed(id: string, at: number): DataLossError {
  return new DataLossError(
    `${id}: the content changed or was deleted while it was downloaded, when ${at} bytes of it had come; ` +
      `download it again for what is there now`,
  )
}
