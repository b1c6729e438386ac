import type { JsonSchema } from '../discovery/document.ts'
import type { Problem } from '../errors.ts'
import { nearestName } from '../request/nearest-name.ts'
import { not, scalarProblem, tagOf } from './scalar.ts'

/** What a value is checked with besides its schema. */
export interface CheckContext {
  /** The schema that a `$ref` names. What it does not know is not checked. */
  schema(name: string): JsonSchema | undefined
  /** The method whose request it is: some members are required by some methods only. */
  readonly methodId?: string
}

/**
 * Checks a value that will be written as JSON, and adds what is wrong with it to the problems, up to a hundred.
 * What is `undefined` counts as absent, `null` as good: it clears a member. What is wrong with the schema itself is
 * not held against the value.
 * @param path where the value stands, such as `body`
 */
export function checkValue(
  value: unknown,
  schema: JsonSchema,
  path: string,
  context: CheckContext,
  problems: Problem[],
): void {
  check(value, schema, path, 0)

  function check(given: unknown, declared: JsonSchema | undefined, at: string, depth: number): void {
    if (problems.length >= MAX_PROBLEMS) return
    const expected = resolve(declared)
    const { type, format } = expected
    const found = jsonForm(given, at)
    // These stand for any JSON value.
    if (found === undefined || found === null || ANY_JSON.test(String(format))) return
    if (type !== 'object' && type !== 'array') {
      const message = scalarProblem(found, expected)
      if (message) add(at, message, typeof found === 'string' ? nearest(found, expected.enum) : undefined)
    } else if (type === 'array' ? !Array.isArray(found) : tagOf(found) !== 'Object') {
      add(at, not(type === 'array' ? 'a list' : 'an object', found))
    } else if (depth >= MAX_DEPTH) {
      add(at, `is nested more than ${MAX_DEPTH} levels deep`)
    } else if (Array.isArray(found)) {
      for (let i = 0; i < found.length && problems.length < MAX_PROBLEMS; i++)
        check(found[i], expected.items, `${at}[${i}]`, depth + 1)
    } else checkMembers(found as Members, expected, at, depth)
  }

  function checkMembers(members: Members, expected: JsonSchema, at: string, depth: number): void {
    const { additionalProperties } = expected
    const properties = isObject(expected.properties) ? expected.properties : NO_MEMBERS
    const { names, mayBeRequired } = membersOf(properties)
    for (const name of Object.keys(members)) {
      if (problems.length >= MAX_PROBLEMS) return
      const member = Object.hasOwn(properties, name) ? properties[name] : additionalProperties
      if (member !== undefined) check(members[name], member, memberPath(at, name), depth + 1)
      else if (names.length > 0 && members[name] !== undefined) {
        add(memberPath(at, name), `is not a member of ${expected.id ?? at}`, nearest(name, names))
      }
    }
    for (const name of mayBeRequired) {
      if (isRequired(properties[name]) && (!Object.hasOwn(members, name) || members[name] === undefined))
        add(memberPath(at, name), 'is required')
    }
  }

  function isRequired(member: JsonSchema | undefined): boolean {
    const by = member?.annotations?.required
    return member?.required === true || (Array.isArray(by) && by.includes(context.methodId))
  }

  /** The schema behind references. Some lead in a circle. */
  function resolve(declared: JsonSchema | undefined): JsonSchema {
    let found: JsonSchema | undefined = declared
    for (let hops = 0; found?.$ref !== undefined && hops <= MAX_HOPS; hops++) {
      found = hops < MAX_HOPS ? context.schema(found.$ref) : undefined
    }
    return found ?? {}
  }

  function jsonForm(given: unknown, at: string): unknown {
    if (typeof given !== 'object' || given instanceof Date || given instanceof Uint8Array) return given
    try {
      const { toJSON } = (given ?? {}) as { toJSON?: unknown }
      return typeof toJSON === 'function' ? toJSON.call(given, '') : given
    } catch {
      add(at, 'cannot be written as JSON')
      return undefined
    }
  }

  function add(at: string, message: string, suggestion?: string): void {
    if (problems.length >= MAX_PROBLEMS) return
    problems.push(suggestion === undefined ? { path: at, message } : { path: at, message, suggestion })
  }
}

type Members = Readonly<Record<string, unknown>>

/** The names in a schema, looked up once: bodies may have the same schema thousands of times. */
function membersOf(properties: Readonly<Record<string, JsonSchema>>): MemberNames {
  let found = known.get(properties)
  if (!found) {
    const names = Object.keys(properties)
    const mayBeRequired = names.filter((name) => properties[name]?.required || properties[name]?.annotations)
    found = { names, mayBeRequired }
    if (names.length > FEW_MEMBERS) known.set(properties, found)
  }
  return found
}

interface MemberNames {
  readonly names: readonly string[]
  readonly mayBeRequired: readonly string[]
}

/** So many are looked through each time: a schema of the caller's may change. */
const FEW_MEMBERS = 200

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null
}

const NO_MEMBERS: Readonly<Record<string, JsonSchema>> = {}
const known = /* @__PURE__ */ new WeakMap<object, MemberNames>()

const MAX_PROBLEMS = 100
/** What Google's own JSON readers go down to. */
const MAX_DEPTH = 100
const MAX_HOPS = 100
const ANY_JSON = /^google\.protobuf\./

/** The nearest of the first few hundred names; a long text is no misspelt one. */
function nearest(name: string, names: readonly string[] | undefined): string | undefined {
  return Array.isArray(names) && name.length <= 60 ? nearestName(name, names.slice(0, 300)) : undefined
}

function memberPath(path: string, name: string): string {
  if (/^[A-Za-z_$][\w$]{0,60}$/.test(name)) return `${path}.${name}`
  return `${path}[${JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name)}]`
}
