import { homedir, userInfo } from 'node:os'
import { join, resolve } from 'node:path'
import { ValidationError } from 'discokit'
import { expect, test, vi } from 'vitest'
import { configFolder } from '../../src/node/config-folder.ts'

const HOME = '/h'

test.each([
  ['what the user names', { DISCOKIT_CONFIG: '/x', XDG_CONFIG_HOME: '/y', HOME }, 'linux', '/x'],
  ['in the folder for configurations', { XDG_CONFIG_HOME: '/y', HOME }, 'linux', '/y/discokit'],
  ['in the home folder', { HOME }, 'linux', '/h/.config/discokit'],
  ['on a Mac too', { HOME }, 'darwin', '/h/.config/discokit'],
  ['not in a relative place', { XDG_CONFIG_HOME: 'y', HOME }, 'linux', '/h/.config/discokit'],
  ['not in an empty one', { DISCOKIT_CONFIG: '', XDG_CONFIG_HOME: '', HOME }, 'linux', '/h/.config/discokit'],
  [
    'on Windows',
    { APPDATA: 'C:\\Users\\ada\\AppData\\Roaming', HOME },
    'win32',
    'C:\\Users\\ada\\AppData\\Roaming\\discokit',
  ],
])('the folder of what a user has set up is %s', (_, environment, system, folder) => {
  expect(configFolder(environment, system)).toBe(folder)
})

test('without any of these it is in the home folder that the system knows', () => {
  expect(configFolder({}, 'linux')).toBe(join(homedir(), '.config/discokit'))
  expect(configFolder({ DISCOKIT_CONFIG: 'x' }, 'linux')).toBe(resolve('x'))
})

test.each(['', '.', 'home/ada'])('a home folder of the name %j is none', (HOME) => {
  vi.stubEnv('HOME', HOME)
  expect(configFolder({ HOME }, 'linux')).toBe(join(userInfo().homedir, '.config/discokit'))
})

test('of a user without a home folder, says what to set', () => {
  vi.stubEnv('HOME', '')
  const { getBuiltinModule } = process
  const unknown = (): never => {
    throw new Error('uv_os_get_passwd returned ENOENT')
  }
  vi.spyOn(process, 'getBuiltinModule').mockImplementation((name: string) => {
    const found = getBuiltinModule(name as 'node:os')
    return name === 'node:os' ? { ...found, userInfo: unknown } : found
  })
  try {
    expect(() => configFolder({}, 'linux')).toThrow(ValidationError)
    expect(() => configFolder({}, 'linux')).toThrow('DISCOKIT_CONFIG')
    expect(configFolder({ DISCOKIT_CONFIG: '/x' }, 'linux')).toBe('/x')
  } finally {
    vi.restoreAllMocks()
  }
})
