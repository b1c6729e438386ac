import { isJsonObject, type JsonObject } from '../../service.ts'
import { invalidArgument } from './people-state.ts'

/**
 * Reads a mask such as `names,emailAddresses`.
 * @param name the parameter it stands in
 * @throws {ApiFailure} 400 when there is none, or a path that no person has.
 */
export function readMask(
  name: string,
  text: string | undefined,
  known: ReadonlySet<string> = PERSON_FIELDS,
): ReadonlySet<string> {
  const paths = (text ?? '')
    .split(',')
    .map((path) => path.trim())
    .filter(Boolean)
  if (paths.length === 0) {
    throw invalidArgument(`${name} mask is required. Please specify one or more valid paths.`)
  }
  // A path below a field asks for the field.
  const fields = paths.map((path) => path.split('.', 1)[0]!)
  const wrong = fields.findIndex((field) => !known.has(field))
  if (wrong >= 0) throw invalidArgument(`Invalid ${name} mask path: "${paths[wrong]}".`)
  return new Set(fields)
}

/** The fields of a body that a caller may set, each a list of objects. */
export function readPerson(body: JsonObject): JsonObject {
  const fields = Object.entries(body).filter(([name]) => WRITABLE_FIELDS.has(name))
  for (const [name, values] of fields) {
    if (!Array.isArray(values) || !values.every(isJsonObject)) {
      throw invalidArgument(`Invalid value at 'person.${name}': must be a list of objects.`)
    }
    if (SINGLE_FIELDS.has(name) && values.length > 1) {
      throw invalidArgument(`Contact ${name} is a singleton: it may have one value at most.`)
    }
  }
  return Object.fromEntries(fields.filter(([, values]) => (values as unknown[]).length > 0))
}

const SINGLE_FIELDS = new Set(['biographies', 'birthdays', 'genders', 'names'])

/** What callers set. */
export const WRITABLE_FIELDS: ReadonlySet<string> = new Set([
  'addresses',
  'biographies',
  'birthdays',
  'calendarUrls',
  'clientData',
  'emailAddresses',
  'events',
  'externalIds',
  'genders',
  'imClients',
  'interests',
  'locales',
  'locations',
  'memberships',
  'miscKeywords',
  'names',
  'nicknames',
  'occupations',
  'organizations',
  'phoneNumbers',
  'relations',
  'sipAddresses',
  'urls',
  'userDefined',
])

/** What a person may be asked for. */
export const PERSON_FIELDS: ReadonlySet<string> = new Set([
  ...WRITABLE_FIELDS,
  'ageRanges',
  'coverPhotos',
  'metadata',
  'photos',
  'skills',
])
