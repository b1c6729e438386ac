import type { Client, ClientOptions, RestDescription, UntypedApi } from 'discokit'
import { createClient } from 'discokit'
import { accessToken } from 'discokit/auth'
import type { Emulator } from 'discokit/emulator'
import { type Tolerance } from './faults.ts'
import { faultyTransport } from './faulty-transport.ts'
import { Ledger } from './ledger.ts'
import type { Random } from './random.ts'

/** What all cases of a run share. */
export interface World {
  readonly emulator: Emulator
  /** A client without faults, to prepare and to look. */
  readonly storage: UntypedApi
  readonly document: RestDescription
  readonly token: string
  readonly folder: string
  /** How likely a fault is at each request. */
  readonly p: number
  /** Objects of `box` to download, and their content. */
  readonly objects: readonly { readonly name: string; readonly bytes: Uint8Array }[]
}

/** What became of a case. */
export interface Outcome {
  /** What it was, in a few words. */
  readonly what: string
  /** `exact`, or the name of the error that it ended with. */
  readonly result: string
  readonly faults: number
  /** What must not be. */
  readonly wrong: readonly string[]
}

/** A client of the case's own, with a faulty connection. */
export function faultyClient(
  { emulator, document, token, p }: World,
  random: Random,
  tolerance: Tolerance,
  options: ClientOptions,
): { google: Client; storage: UntypedApi; ledger: Ledger } {
  const ledger = new Ledger()
  ledger.secrets.add(token)
  const { transport, ...connection } = emulator.connect()
  const google = createClient({
    ...connection,
    transport: faultyTransport({ inner: transport!, random, ledger, p, tolerance }),
    auth: accessToken(token),
    retry: { baseDelayMs: 1, maxDelayMs: 2 },
    ...options,
  })
  return { google, storage: google.api(document), ledger }
}
