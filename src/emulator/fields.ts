import { invalid, notModelled } from './api-failure.ts'
import { isJsonObject, type JsonObject } from './service.ts'

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

/** What a member may hold: a kind of plain value, a list of something, or an object of known members and others. */
export type Shape = 'string' | 'number' | 'boolean' | readonly [Shape] | { readonly [name: string]: Shape }

/** Refuses a value of another shape. A null stands for nothing, wherever it is. */
export function checkShape(value: unknown, shape: Shape, name: string): void {
  if (value === undefined || value === null) return
  if (typeof shape === 'string') {
    // oxlint-disable-next-line valid-typeof -- the shapes are named as typeof names them
    if (typeof value !== shape) throw invalid(`Invalid value for ${name}: must be a ${shape}.`)
  } else if (isList(shape)) {
    if (!Array.isArray(value)) throw invalid(`Invalid value for ${name}: must be a list.`)
    for (const item of value) checkShape(item, shape[0], name)
  } else {
    if (!isJsonObject(value)) throw invalid(`Invalid value for ${name}: must be an object.`)
    for (const [member, inner] of Object.entries(shape)) checkShape(value[member], inner, `${name}.${member}`)
  }
}

function isList(shape: Shape): shape is readonly [Shape] {
  return Array.isArray(shape)
}

/** Refuses members that ask for behaviour which is not here, rather than storing them without effect. */
export function refuseUnmodelled(body: JsonObject, names: readonly string[]): void {
  for (const name of names) {
    if (body[name]) throw notModelled(`the field ${name}`)
  }
}
