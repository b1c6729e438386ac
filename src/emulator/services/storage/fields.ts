import { invalid, notModelled } from '../../api-failure.ts'
import { isJsonObject, type JsonObject } from '../../service.ts'

/**
 * JSON merge patch (RFC 7396): members that are null are removed, objects are merged, anything else is replaced.
 */
export function mergePatch(target: JsonObject, patch: JsonObject): JsonObject {
  const merged: Record<string, unknown> = { ...target }
  for (const [name, value] of Object.entries(patch)) {
    if (value === null) delete merged[name]
    else if (isJsonObject(value)) {
      const before = merged[name]
      merged[name] = mergePatch(isJsonObject(before) ? before : {}, value)
    } else merged[name] = value
  }
  return merged
}

/** The members of a body that a caller may set; others are read-only or unknown, and ignored as Google does. */
export function pick(body: JsonObject, names: readonly string[]): JsonObject {
  return Object.fromEntries(
    names.filter((name) => Object.hasOwn(body, name)).map((name) => [name, body[name]]),
  )
}

/** Refuses text members of another type. */
export function checkTexts(fields: JsonObject, names: readonly string[]): void {
  for (const name of names) {
    const value = fields[name]
    if (value !== undefined && typeof value !== 'string')
      throw invalid(`Invalid value for ${name}: must be text.`)
  }
}

/** Refuses a map that holds anything but texts. */
export function checkTextMap(value: unknown, name: string): void {
  if (value === undefined) return
  const fits = isJsonObject(value) && Object.values(value).every((item) => typeof item === 'string')
  if (!fits) throw invalid(`Invalid value for ${name}: must be a map of texts.`)
}

/** Refuses members that ask for behaviour which is not here, rather than storing them without effect. */
export function refuseUnmodelled(body: JsonObject, names: readonly string[]): void {
  for (const name of names) {
    if (body[name]) throw notModelled(`the field ${name}`)
  }
}
