import { ValidationError } from '../errors.ts'
import type { PreparedRequest } from '../request/prepared-request.ts'
import type { MemberPath, Paging } from './paging.ts'
import { queryValues } from './query.ts'

/**
 * An answer without a token is the last only if it could have had one.
 * @throws {ValidationError} when the request asks for some fields, the token not among them.
 */
export function checkFields({ response }: Paging, { id, url }: PreparedRequest): void {
  const [fields] = queryValues(url, 'fields')
  if (!fields || response.some((path) => selects(fields, path))) return
  const member = response[0]!.join('/')
  throw new ValidationError(id, [
    {
      path: 'fields',
      message: `leaves out ${member}, without which further pages cannot be found; ask for '${member},${fields}', or set limit`,
    },
  ])
}

/** Whether a field mask such as `items(id),nextPageToken` has a member. */
function selects(fields: string, [member, ...rest]: MemberPath): boolean {
  let depth = 0
  let name = ''
  for (const char of `${fields},`) {
    if (char === '(') depth += 1
    if (char === ',' && depth === 0) {
      const [outer = '', inner] = /^\s*([^/(\s]*)\s*[/(]?(.*?)\)?\s*$/.exec(name)!.slice(1)
      if (outer === '*' || (outer === member && (!inner || rest.length === 0 || selects(inner, rest))))
        return true
      name = ''
    } else name += char
    if (char === ')') depth -= 1
  }
  return false
}
