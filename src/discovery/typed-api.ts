/** The types of which the files that `discokit add` writes are made. */
import type { CallParameters } from '../request/compile-method.ts'
import type { Credentials } from '../transport/credentials.ts'
import type { RestDescription, RestResource } from './document.ts'
import type { ApiMethod } from './method.ts'

/** What every API has besides its resources and methods. */
export interface ApiMembers extends ResourceMembers {
  /** The id, such as `storage:v1`. */
  readonly $id: string
  readonly $version: string
  readonly $title: string | undefined
  readonly $documentationLink: string | undefined
  /** Loads the whole document, with schemas and prose. */
  $load(): Promise<RestDescription>
  /** The same API for other credentials, at once and without I/O. */
  $as(credentials: Credentials): this
}

/** What every resource has besides its own resources and methods. */
export interface ResourceMembers {
  readonly $name: string
  /** The names of the resources in it. */
  readonly $resources: readonly string[]
  /** The names of its methods. */
  readonly $methods: readonly string[]
  readonly $deprecated: boolean
  /** As the document has it. */
  readonly $raw: RestResource
  /**
   * The method at a dotted path below, such as `objects.get`. It is not typed.
   * @throws {ValidationError} when there is none, with the nearest that there is.
   */
  // oxlint-disable-next-line typescript/no-explicit-any -- which method it is shows when it runs
  $method(path: string): ApiMethod<CallParameters, any>
}

/** A 64-bit integer in an address. A number must be a safe integer. */
export type Int64Value = string | number | bigint

/** A time or a day in an address: a `Date`, or its text as the API wants it. */
export type TimeValue = string | Date

/** A parameter that may be given several times. */
export type Repeated<Value> = Value | readonly Value[]

/** Of a body that has no members: anything but `{}` is refused. */
export interface NoMembers {
  readonly [noMembers]?: never
}

declare const noMembers: unique symbol

/** The body of a method that changes what is given and leaves the rest: what is `null` is cleared. */
export type Patch<Body> = Body extends string | number | boolean | readonly unknown[]
  ? Body
  : Body extends object
    ? { readonly [Name in keyof Body]: Patch<Body[Name]> | null }
    : Body
