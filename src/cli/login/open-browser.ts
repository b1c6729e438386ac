import { spawn } from 'node:child_process'
import { win32 } from 'node:path'
import { isLoopback } from './login-provider.ts'

/** The machine, as far as browsers go. */
export interface BrowserPlace {
  readonly platform: string
  readonly env: Readonly<Record<string, string | undefined>>
}

/**
 * The program that shows an address in the browser, and what it is given; undefined where nobody sits in front of the machine. No
 * shell is between, so an address is never a command.
 */
export function browserCommand(
  address: string,
  { platform, env }: BrowserPlace = process,
): readonly [string, ...string[]] | undefined {
  if (!isOpenable(address)) return undefined
  const isRemote = env['SSH_CONNECTION'] !== undefined || env['SSH_TTY'] !== undefined
  const hasDisplay = Boolean(env['DISPLAY'] || env['WAYLAND_DISPLAY'])
  // By its name alone, Windows would look for it in the folder that the command was started in first.
  if (platform === 'win32') {
    const program = win32.join(env['SystemRoot'] || String.raw`C:\Windows`, 'System32', 'rundll32.exe')
    return [program, 'url.dll,FileProtocolHandler', address]
  }
  if (platform === 'darwin') return isRemote ? undefined : ['open', address]
  if (env['WSL_DISTRO_NAME']) return ['rundll32.exe', 'url.dll,FileProtocolHandler', address]
  return hasDisplay ? ['xdg-open', address] : undefined
}

/** Shows an address in the browser, if there is one. @returns whether a program was started */
export function openBrowser(address: string, place?: BrowserPlace): Promise<boolean> {
  const [program, ...argv] = browserCommand(address, place) ?? []
  if (program === undefined) return Promise.resolve(false)
  return new Promise((resolve) => {
    const child = spawn(program, argv, { stdio: 'ignore', detached: true, shell: false })
    child.on('error', () => resolve(false))
    child.on('spawn', () => resolve(true))
    child.unref()
  })
}

/** Plain https, or http on this machine, where the emulator is. All else could be a file, a program or an option. */
function isOpenable(address: string): boolean {
  if (!/^https?:\/\/[\w.~:/?#[\]@!$&*+,;=%-]+$/.test(address) || !URL.canParse(address)) return false
  const { protocol, hostname, username, password } = new URL(address)
  return username === '' && password === '' && (protocol === 'https:' || isLoopback(hostname))
}
