import { ValidationError } from '../errors.ts'

/**
 * Where the command line keeps what a user has set up: `$DISCOKIT_CONFIG`, else `$XDG_CONFIG_HOME/discokit`, else
 * `~/.config/discokit`; on Windows `%APPDATA%\discokit`. Relative places of the system's own variables do not count (XDG
 * Base Directory Specification). It need not be there.
 *
 * @throws {ValidationError} when none of them is set, and the system knows no home folder of this user.
 */
export function configFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  system: string = process.platform,
): string {
  const { DISCOKIT_CONFIG: chosen, XDG_CONFIG_HOME: xdg, APPDATA: appData, HOME: home } = environment
  const path = process.getBuiltinModule('node:path')
  if (chosen) return path.resolve(chosen)
  const { join, isAbsolute } = system === 'win32' ? path.win32 : path.posix
  if (system === 'win32')
    return appData && isAbsolute(appData)
      ? join(appData, 'discokit')
      : join(homeFolder(undefined, isAbsolute), 'AppData', 'Roaming', 'discokit')
  return xdg && isAbsolute(xdg)
    ? join(xdg, 'discokit')
    : join(homeFolder(home, isAbsolute), '.config', 'discokit')
}

/** One that is empty or relative would be another with each folder that a program is started in. */
function homeFolder(named: string | undefined, isAbsolute: (path: string) => boolean): string {
  const { homedir, userInfo } = process.getBuiltinModule('node:os')
  for (const find of [() => named ?? '', homedir, () => userInfo().homedir])
    try {
      const folder = find()
      if (isAbsolute(folder)) return folder
    } catch {
      // The system does not know this user.
    }
  throw new ValidationError('it is not known where to keep what this user has set up', [
    { path: 'DISCOKIT_CONFIG', message: 'must be set, since this user has no home folder' },
  ])
}
