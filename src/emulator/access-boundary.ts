import { ApiFailure } from './api-failure.ts'
import { GrantFailure } from './grant-failure.ts'
import { type Call, isJsonObject } from './service.ts'

/** What a downscoped token may still do (Credential Access Boundary): whatever one of its rules lets it. */
export type AccessBoundary = readonly AccessBoundaryRule[]

interface AccessBoundaryRule {
  /** `//storage.googleapis.com/projects/_/buckets/NAME` */
  readonly resource: string
  /** `roles/storage.objectViewer` */
  readonly roles: readonly string[]
  /** In the Common Expression Language. */
  readonly condition: string | undefined
}

/**
 * Reads what the option `accessBoundary` of a token exchange holds.
 * @throws {GrantFailure}
 */
export function readAccessBoundary(value: unknown): AccessBoundary {
  const rules: unknown = isJsonObject(value) ? value.accessBoundaryRules : undefined
  if (!Array.isArray(rules) || rules.length === 0 || rules.length > MOST_RULES)
    throw refused(`must have 1 to ${MOST_RULES} accessBoundaryRules`)
  return rules.map((rule: unknown) => {
    const { availableResource, availablePermissions, availabilityCondition } = isJsonObject(rule) ? rule : {}
    if (typeof availableResource !== 'string' || !availableResource.startsWith('//'))
      throw refused('has a rule without an availableResource')
    const permissions: readonly unknown[] = Array.isArray(availablePermissions) ? availablePermissions : []
    if (permissions.length === 0) throw refused('has a rule without availablePermissions')
    const condition = isJsonObject(availabilityCondition) ? availabilityCondition.expression : undefined
    if (availabilityCondition !== undefined && typeof condition !== 'string')
      throw refused('has an availabilityCondition without an expression')
    return { resource: availableResource, roles: permissions.map(readRole), condition: condition as string }
  })
}

/** An object of Cloud Storage, or what is listed of a bucket. */
export interface Reach {
  readonly bucket: string
  readonly object?: string | undefined
  readonly listPrefix?: string | undefined
}

/** What can be done with objects. */
export type ObjectPermission = 'create' | 'delete' | 'get' | 'list' | 'update'

/**
 * Refuses a call that the boundary of its token does not let through. Methods of objects in Cloud Storage are the only ones
 * that it can. Uploads are checked by their handler, since the name may come with the body.
 * @throws {ApiFailure} 403
 */
export function checkBoundary({ method, parameters, principal }: Call): void {
  if (!principal?.boundary || !method.scopes || method.id === 'storage.objects.insert') return
  const permission = PERMISSIONS[method.id]
  if (permission === undefined) throw denied(method.id)
  const [bucket = '', object] = [parameters.text('bucket'), parameters.text('object')]
  const reach =
    object === undefined ? { bucket, listPrefix: parameters.text('prefix') ?? '' } : { bucket, object }
  checkReach({ principal }, permission, reach)
}

/**
 * Refuses something that the boundary of a token, if it has one, does not cover.
 * @throws {ApiFailure} 403
 */
export function checkReach(
  { principal }: Pick<Call, 'principal'>,
  permission: ObjectPermission,
  reach: Reach,
): void {
  const covers = principal?.boundary?.some(
    ({ resource, roles, condition }) =>
      resource === `//storage.googleapis.com/projects/_/buckets/${reach.bucket}` &&
      roles.some((role) => ROLES[role]?.includes(permission)) &&
      (condition === undefined || holds(condition, reach)),
  )
  if (covers === false) throw denied(`storage.objects.${permission}`)
}

const MOST_RULES = 10

const PERMISSIONS: Readonly<Record<string, ObjectPermission>> = {
  'storage.objects.delete': 'delete',
  'storage.objects.get': 'get',
  'storage.objects.list': 'list',
  'storage.objects.patch': 'update',
  'storage.objects.update': 'update',
}

const EVERYTHING: readonly ObjectPermission[] = ['create', 'delete', 'get', 'list', 'update']
const ROLES: Readonly<Record<string, readonly ObjectPermission[]>> = {
  'roles/storage.admin': EVERYTHING,
  'roles/storage.objectAdmin': EVERYTHING,
  'roles/storage.objectUser': EVERYTHING,
  'roles/storage.objectViewer': ['get', 'list'],
  'roles/storage.objectCreator': ['create'],
  'roles/storage.legacyObjectReader': ['get'],
  'roles/storage.legacyBucketReader': ['list'],
  'roles/storage.legacyBucketWriter': ['create', 'delete', 'list'],
}

/** Whether one of the alternatives of a condition holds. Those of another form never do. */
function holds(condition: string, { bucket, object, listPrefix }: Reach): boolean {
  const name = `projects/_/buckets/${bucket}${object === undefined ? '' : `/objects/${object}`}`
  return condition.split('||').some((alternative) => {
    const [, ofName, ofList] = ALTERNATIVE.exec(alternative.trim()) ?? []
    if (ofName !== undefined) return name.startsWith(ofName)
    return ofList !== undefined && listPrefix !== undefined && listPrefix.startsWith(ofList)
  })
}

/** What Google's guides write: names of objects that begin alike, and the prefix that is listed. */
const ALTERNATIVE =
  /^(?:resource\.name\.startsWith\(['"]([^'"\\]*)['"]\)|api\.getAttribute\(['"]storage\.googleapis\.com\/objectListPrefix['"], *['"]['"]\)\.startsWith\(['"]([^'"\\]*)['"]\))$/

function readRole(permission: unknown): string {
  const [, role] = (typeof permission === 'string' && /^inRole:(\S+)$/.exec(permission)) || []
  if (role !== undefined) return role
  throw refused('has an availablePermission that does not begin with inRole:')
}

function refused(why: string): GrantFailure {
  return new GrantFailure('invalid_request', `The access boundary ${why}.`)
}

function denied(permission: string): ApiFailure {
  return new ApiFailure(
    403,
    'forbidden',
    `The access boundary of the token does not cover this. Permission '${permission}' denied on resource (or it may not exist).`,
  )
}
