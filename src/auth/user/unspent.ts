import { type AuthError, TransportError } from '../../errors.ts'

/** Whether what is good once is still good after a failure: the server cannot have acted, or said that it did not. */
export function isUnspent({ cause }: AuthError): boolean {
  return !(cause instanceof TransportError) || cause.progress === 'unsent'
}
