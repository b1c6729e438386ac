import type { HttpResponse } from '../../../protocol/http.ts'
import { emptyAnswer, jsonAnswer } from '../../answers.ts'
import { ApiFailure, invalid, notFound, notModelled } from '../../api-failure.ts'
import { checkShape } from '../../fields.ts'
import { pageSize, takePage } from '../../pages.ts'
import { type Call, type JsonObject, readJsonObject } from '../../service.ts'
import {
  type AclRule,
  type Calendar,
  calendarState,
  etagOf,
  nextChange,
  requireCalendar,
  ROLES,
} from './calendar-state.ts'

/** `calendar.acl.insert`: a second rule for the same scope takes the place of the first. */
export async function insertAcl(call: Call): Promise<HttpResponse> {
  const rule = readRule(await readJsonObject(call.body))
  const calendar = requireCalendar(call, 'owner')
  refuseOwner(calendar, rule.id)
  setRule(call, calendar, () => calendar.acl.set(rule.id, rule))
  return jsonAnswer(ruleResource(calendar, rule))
}

/** `calendar.acl.get` */
export function getAcl(call: Call): HttpResponse {
  const calendar = requireCalendar(call, 'owner')
  return jsonAnswer(ruleResource(calendar, requireRule(call, calendar)))
}

/** `calendar.acl.list` */
export function listAcl(call: Call): HttpResponse {
  const { parameters } = call
  if (parameters.text('syncToken')) throw notModelled('the synchronisation of access rules')
  const calendar = requireCalendar(call, 'owner')
  const { items, nextPageToken } = takePage([...calendar.acl.values()], {
    size: pageSize(parameters.number('maxResults'), 100, 250),
    token: parameters.text('pageToken'),
    key: [call.method.id, calendar.id],
    id: ({ id }) => id,
  })
  return jsonAnswer({
    kind: 'calendar#acl',
    etag: etagOf(calendar),
    ...(nextPageToken !== undefined && { nextPageToken }),
    items: items.map((rule) => ruleResource(calendar, rule)),
  })
}

/** `calendar.acl.delete` */
export function deleteAcl(call: Call): HttpResponse {
  const calendar = requireCalendar(call, 'owner')
  const { id } = requireRule(call, calendar)
  refuseOwner(calendar, id)
  setRule(call, calendar, () => calendar.acl.delete(id))
  return emptyAnswer()
}

const TYPES = ['default', 'user', 'group', 'domain']

function readRule(body: JsonObject): AclRule {
  checkShape(body, { role: 'string', scope: { type: 'string', value: 'string' } }, 'rule')
  const { role, scope } = body as Partial<AclRule>
  if (!scope?.type) throw new ApiFailure(400, 'required', 'Missing scope type.')
  if (!TYPES.includes(scope.type)) throw invalid('Invalid scope type.')
  if (role === undefined) throw new ApiFailure(400, 'required', 'Missing role.')
  if (!ROLES.includes(role)) throw invalid('Invalid role.')
  if (scope.type === 'default') return { id: 'default', role, scope: { type: 'default' } }
  if (!scope.value) throw invalid('Invalid scope value.')
  const { type, value } = scope
  return { id: `${type}:${value}`, role, scope: { type, value } }
}

function setRule(call: Call, calendar: Calendar, change: () => void): void {
  change()
  calendar.change = nextChange(calendarState(call))
}

function requireRule(call: Call, calendar: Calendar): AclRule {
  const rule = calendar.acl.get(call.parameters.text('ruleId')!)
  if (!rule) throw notFound('Not Found')
  return rule
}

function refuseOwner(calendar: Calendar, ruleId: string): void {
  if (ruleId !== `user:${calendar.owner}`) return
  throw new ApiFailure(403, 'cannotChangeOwnAcl', 'Cannot change your own access level.', {
    domain: 'calendar',
  })
}

function ruleResource(calendar: Calendar, rule: AclRule): JsonObject {
  return { kind: 'calendar#aclRule', etag: etagOf(calendar), ...rule }
}
