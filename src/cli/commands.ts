import type { CommandDef } from 'citty'

/** A command as the overview lists it; the rest is loaded when it is used. */
export interface Command {
  readonly description: string
  readonly load: () => Promise<AnyCommand>
}

/** A command whatever its arguments. */
// oxlint-disable-next-line typescript/no-explicit-any -- the arguments are the command's own affair
export type AnyCommand = CommandDef<any>

/** The commands by name. */
export const commands: Readonly<Record<string, Command>> = {
  accounts: {
    description: 'Shows who has logged in here, or writes out a login for other programs',
    load: async () => (await import('./commands/accounts.ts')).default,
  },
  add: {
    description: 'Writes types and methods of APIs into your project',
    load: async () => (await import('./commands/add.ts')).default,
  },
  auth: {
    description: 'Tells which credential programs find here, or prints a token of it',
    load: async () => (await import('./commands/auth.ts')).default,
  },
  check: {
    description: 'Tells whether those files are as they were written',
    load: async () => (await import('./commands/check.ts')).default,
  },
  demo: {
    description: 'Moves files up and down, through the embedded emulator or through Google',
    load: async () => (await import('./commands/demo.ts')).default,
  },
  emulator: {
    description: "Runs Google's APIs on a port of this machine",
    load: async () => (await import('./commands/emulator.ts')).default,
  },
  login: {
    description: 'Signs you in with the browser, for programs on this machine',
    load: async () => (await import('./commands/login.ts')).default,
  },
  logout: {
    description: 'Takes the consent of a login back, and forgets it',
    load: async () => (await import('./commands/logout.ts')).default,
  },
  update: {
    description: 'Shows what changed in those APIs, and writes their files anew',
    load: async () => (await import('./commands/update.ts')).default,
  },
}
