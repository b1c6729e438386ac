/** What we read of package-lock.json. */
export interface LockFile {
  /** By the path where a package is installed; '' is our own. */
  readonly packages: Readonly<Record<string, LockedPackage>>
}

interface LockedPackage {
  readonly version?: string
  readonly optionalDependencies?: Readonly<Record<string, string>>
  readonly engines?: Readonly<Record<string, string>>
}

/** A package that another one may want, and where it would be installed. */
export interface MissingPackage {
  readonly path: string
  readonly name: string
  readonly version: string
  readonly engines: LockedPackage['engines']
}

/** The optional packages that the lock file has no entry for. `npm ci` refuses one that leaves any out. */
export function missingFromLock({ packages }: LockFile): MissingPackage[] {
  const all = Object.entries(packages).flatMap(([path, { optionalDependencies = {}, engines }]) =>
    Object.entries(optionalDependencies).map(([name, version]) => ({ path, name, version, engines })),
  )
  return all.flatMap(({ path, name, version, engines }) => {
    const found = packages[lookUp(packages, path, name) ?? '-']
    if (found && (found.version === version || !isExact(version))) return []
    return [{ path: `${found ? `${path}/` : ''}node_modules/${name}`, name, version, engines }]
  })
}

/** Where a package that is installed at a path finds another: beside it, or beside what it is in. */
function lookUp(packages: LockFile['packages'], path: string, name: string): string | undefined {
  const candidate = `${path === '' ? '' : `${path}/`}node_modules/${name}`
  if (candidate in packages) return candidate
  if (path === '') return undefined
  return lookUp(packages, path.slice(0, Math.max(0, path.lastIndexOf('/node_modules/'))), name)
}

function isExact(version: string): boolean {
  return /^\d+\.\d+\.\d+/.test(version)
}
