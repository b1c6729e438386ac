import { invalid, required } from '../../api-failure.ts'
import { isJsonObject, type JsonObject } from '../../service.ts'
import { projectNumber } from './project-number.ts'

/** Who may do what: an entry of an access control list. */
export interface AclEntry {
  /** `user-ada@example.com`, `group-…`, `domain-…`, `project-owners-NUMBER`, `allUsers`, `allAuthenticatedUsers`. */
  readonly entity: string
  readonly role: string
}

/** The roles that a bucket's list knows, and those of objects. */
export const BUCKET_ROLES: readonly string[] = ['READER', 'WRITER', 'OWNER']
export const OBJECT_ROLES: readonly string[] = ['READER', 'OWNER']

/** The list that a bucket's `predefinedAcl` stands for; that of a new bucket by default. */
export function predefinedBucketAcl(project: string, name = 'projectPrivate'): readonly AclEntry[] {
  if (name === 'projectPrivate') return team(project)
  return [owners(project), ...(PUBLIC[name] ?? [])]
}

/**
 * The list that a `predefinedAcl` of an object stands for, or of the objects that a bucket will have.
 * @param owner the entity that made the object
 */
export function predefinedObjectAcl(
  project: string,
  name = 'projectPrivate',
  owner?: string,
): readonly AclEntry[] {
  const own = owner === undefined ? [] : [{ entity: owner, role: 'OWNER' }]
  if (name === 'projectPrivate') return [...own, ...team(project)]
  if (name === 'bucketOwnerFullControl') return [...own, owners(project)]
  if (name === 'bucketOwnerRead') return [...own, { ...owners(project), role: 'READER' }]
  return [...own, ...(PUBLIC[name] ?? [])]
}

/** The list in the body of a bucket or an object; undefined when there is none. */
export function readAcl(value: unknown, roles: readonly string[]): readonly AclEntry[] | undefined {
  if (value === undefined || value === null) return undefined
  if (!Array.isArray(value)) throw invalid('Invalid value for acl: must be a list.')
  return value.map((entry: unknown) => readEntry(isJsonObject(entry) ? entry : {}, roles))
}

/**
 * An entry as a caller gives it.
 * @throws {ApiFailure} 400 without entity or role, or for others than there are.
 */
export function readEntry({ entity, role }: JsonObject, roles: readonly string[]): AclEntry {
  if (entity === undefined || entity === null) throw required('entity')
  if (typeof entity !== 'string' || !ENTITY.test(entity))
    throw invalid('Invalid entity of an access control.')
  return { entity, role: readRole(role, roles) }
}

/** @throws {ApiFailure} 400 */
export function readRole(role: unknown, roles: readonly string[]): string {
  if (role === undefined || role === null) throw required('role')
  if (typeof role !== 'string' || !roles.includes(role))
    throw invalid(`The role must be one of ${roles.join(', ')}.`)
  return role
}

/** What the entity of an entry tells besides. */
export function entityFacts(entity: string): JsonObject {
  const [, kind, name = ''] = /^(user|group|domain)-(.*)$/.exec(entity) ?? []
  if (kind === 'domain') return { domain: name }
  if (kind && name.includes('@')) return { email: name }
  const [, group, number] = /^project-(owners|editors|viewers)-(.*)$/.exec(entity) ?? []
  return group ? { projectTeam: { projectNumber: number, team: group } } : {}
}

const ENTITY =
  /^(allUsers|allAuthenticatedUsers|(user|group|domain|project-(owners|editors|viewers))-[^\s/]+)$/

const PUBLIC: Readonly<Record<string, readonly AclEntry[]>> = {
  authenticatedRead: [{ entity: 'allAuthenticatedUsers', role: 'READER' }],
  publicRead: [{ entity: 'allUsers', role: 'READER' }],
  publicReadWrite: [{ entity: 'allUsers', role: 'WRITER' }],
}

function owners(project: string): AclEntry {
  return { entity: `project-owners-${projectNumber(project)}`, role: 'OWNER' }
}

function team(project: string): readonly AclEntry[] {
  const number = projectNumber(project)
  return [
    owners(project),
    { entity: `project-editors-${number}`, role: 'OWNER' },
    { entity: `project-viewers-${number}`, role: 'READER' },
  ]
}
