/** The number of a project: the same twelve digits for the same name (FNV-1a, as good as any hash here). */
export function projectNumber(project: string): string {
  let hash = 0x811c9dc5
  for (const character of project) hash = Math.imul(hash ^ character.codePointAt(0)!, 0x01000193) >>> 0
  return `1${String(hash).padStart(11, '0').slice(-11)}`
}
