import { ValidationError } from '../../errors.ts'
import { checkNames } from '../check-names.ts'
import { userId } from '../ids.ts'
import { isAddress } from '../impersonation.ts'
import type { JsonObject } from '../service.ts'
import { showsEmail } from '../token-facts.ts'
import { PROFILE } from './scopes.ts'

/** Somebody with an account. */
export interface PersonOptions {
  readonly email: string
  /** Default: what stands before the `@`. */
  readonly name?: string
  readonly givenName?: string
  readonly familyName?: string
  /** The address of a picture. */
  readonly picture?: string
  /** The domain of an organisation whose account it is: the claim `hd`. Default: none, a private account. */
  readonly hostedDomain?: string
  /** Default true. */
  readonly emailVerified?: boolean
}

/** Somebody with an account, and the number that Google knows the account by. */
export interface Person extends PersonOptions {
  readonly sub: string
}

/** The people of one emulator. */
export interface People {
  /** @throws {ValidationError} for an address that can be nobody's. */
  add(person: PersonOptions): Person
  /** What is known of an address, also where nobody was made for it. */
  find(email: string): Person
  /** Made on first need. */
  open(email: string): Person
  /** Those that there are, `person@example.com` where nobody was made. */
  all(): readonly Person[]
}

export function createPeople(): People {
  const people = new Map<string, Person>()
  const make = (person: PersonOptions): Person => ({ ...person, sub: userId(person.email) })
  const open = (email: string): Person => {
    const person = people.get(email) ?? make({ email })
    people.set(email, person)
    return person
  }
  return {
    open,
    find: (email) => people.get(email) ?? make({ email }),
    all: () => (people.size > 0 ? [...people.values()] : [open('person@example.com')]),
    add(person) {
      check(person)
      const made = make(person)
      people.set(person.email, made)
      return made
    },
  }
}

/** What scopes let be told of a person, in the words of OpenID Connect Core section 5.1. */
export function personClaims(person: Person, scopes: Iterable<string>): JsonObject {
  const all = new Set(scopes)
  const { email, emailVerified = true, hostedDomain, picture } = person
  const { name = email.split('@', 1)[0], givenName = name, familyName } = person
  return {
    ...((all.has(PROFILE) || all.has('profile')) && {
      name,
      given_name: givenName,
      ...(familyName !== undefined && { family_name: familyName }),
      ...(picture !== undefined && { picture }),
    }),
    ...(showsEmail(all) && { email, email_verified: emailVerified }),
    ...(hostedDomain !== undefined && { hd: hostedDomain }),
  }
}

function check(person: PersonOptions): void {
  const what = 'emulator.user'
  const { email, hostedDomain } = person
  checkNames(what, person, NAMES)
  const problems = [
    ...(isAddress(email) ? [] : [{ path: 'email', message: `'${email}' is not an address` }]),
    ...(hostedDomain === undefined || /^[a-z\d-]+(\.[a-z\d-]+)+$/i.test(hostedDomain)
      ? []
      : [{ path: 'hostedDomain', message: `'${hostedDomain}' is not a domain` }]),
  ]
  if (problems.length > 0) throw new ValidationError(what, problems)
}

const NAMES = ['email', 'name', 'givenName', 'familyName', 'picture', 'hostedDomain', 'emailVerified']
