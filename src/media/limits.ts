import type { Problem } from '../errors.ts'
import type { UploadFacts } from '../request/prepared-request.ts'

/** What is wrong with the size and the type of a content, for a method that takes only some. */
export function limitProblems(
  { maxSizeBytes, accept }: UploadFacts,
  { length, contentType, typePath }: { length: number | undefined; contentType: string; typePath: string },
): Problem[] {
  const problems: Problem[] = []
  if (length !== undefined && maxSizeBytes !== undefined && length > maxSizeBytes) {
    problems.push({
      path: 'media',
      message: `has ${length} bytes, and the method takes at most ${maxSizeBytes}`,
    })
  }
  if (accept !== undefined && accept.length > 0 && !accept.some((range) => isWithin(contentType, range))) {
    problems.push({
      path: typePath,
      message: `is ${contentType}, and the method takes ${accept.join(', ')}`,
    })
  }
  return problems
}

/** The one type that a method takes, when it names only one. */
export function onlyType({ accept }: UploadFacts): string | undefined {
  return accept?.length === 1 && !accept[0]!.includes('*') ? accept[0] : undefined
}

/** Whether a media type is one of a range such as `image/*` (RFC 9110 section 12.5.1). Parameters do not matter. */
function isWithin(contentType: string, range: string): boolean {
  const [type, subtype] = essence(contentType).split('/')
  const [wantedType, wantedSubtype] = essence(range).split('/')
  if (wantedType === '*') return true
  return type === wantedType && (wantedSubtype === '*' || subtype === wantedSubtype)
}

function essence(type: string): string {
  return type.split(';', 1)[0]!.trim().toLowerCase()
}
