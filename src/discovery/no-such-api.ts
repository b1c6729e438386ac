import { ValidationError } from '../errors.ts'
import { nearestName } from '../request/nearest-name.ts'
import type { DirectoryItem } from './document.ts'

/** The error for an API that cannot be had, with what was meant, as far as the list of APIs tells. */
export function noSuchApi(
  name: string,
  version: string | undefined,
  items: readonly DirectoryItem[],
): ValidationError {
  const listed = items.filter((item) => typeof item.name === 'string' && typeof item.version === 'string')
  const versions = listed.filter((item) => item.name === name).map((item) => item.version)
  if (version !== undefined && versions.includes(version)) {
    return new ValidationError(`${name}:${version} cannot be had`, [
      { path: 'id', message: 'is in the list of APIs, and its document is at none of the known addresses' },
    ])
  }
  if (versions.length > 0 && version !== undefined) {
    const suggestion = versions.includes(`v${version}`)
      ? `v${version}`
      : (nearestName(version, versions) ?? versions[0]!)
    return new ValidationError(`${name} has no version ${version} (it has ${versions.join(', ')})`, [
      { path: 'version', message: `'${version}' does not exist`, suggestion: `${name}:${suggestion}` },
    ])
  }
  const suggestion = nearestName(name, new Set(listed.map((item) => item.name)))
  return new ValidationError('no such API', [
    {
      path: 'id',
      message: `'${name}' is not the name of an API`,
      ...(suggestion !== undefined && { suggestion }),
    },
  ])
}
