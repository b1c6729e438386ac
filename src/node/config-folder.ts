/**
 * Where the command line keeps what a user has set up: `$DISCOKIT_CONFIG`, else `$XDG_CONFIG_HOME/discokit`, else
 * `~/.config/discokit`; on Windows `%APPDATA%\discokit`. Relative places of the system's own variables do not count (XDG
 * Base Directory Specification). It need not be there.
 */
export function configFolder(
  environment: Readonly<Record<string, string | undefined>> = process.env,
  system: string = process.platform,
): string {
  const { DISCOKIT_CONFIG: chosen, XDG_CONFIG_HOME: xdg, APPDATA: appData, HOME: home } = environment
  const { homedir } = process.getBuiltinModule('node:os')
  const path = process.getBuiltinModule('node:path')
  if (chosen) return path.resolve(chosen)
  const { join, isAbsolute } = system === 'win32' ? path.win32 : path.posix
  if (system === 'win32')
    return appData && isAbsolute(appData)
      ? join(appData, 'discokit')
      : join(homedir(), 'AppData', 'Roaming', 'discokit')
  return xdg && isAbsolute(xdg) ? join(xdg, 'discokit') : join(home || homedir(), '.config', 'discokit')
}
