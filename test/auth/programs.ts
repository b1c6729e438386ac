import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A folder of programs that tests write and have run. */
export interface Programs {
  readonly folder: string
  /** An executable of this Node from its code, and the path to it. */
  write(name: string, code: string): Promise<string>
  /** What the programs noted with `note(value)`, in order. */
  // oxlint-disable-next-line typescript/no-explicit-any -- whatever they noted
  notes(): Promise<any[]>
  remove(): Promise<void>
}

/** A folder whose name has a space, as folders of people do. */
export async function programFolder(): Promise<Programs> {
  const folder = await mkdtemp(join(tmpdir(), 'discokit programs-'))
  const notes = join(folder, 'notes')
  const begin = [
    `#!${process.execPath}`,
    `const fs = require('node:fs')`,
    `const note = (value) => fs.appendFileSync(${JSON.stringify(notes)}, JSON.stringify(value) + '\\n')`,
    `const print = (value) => console.log(JSON.stringify(value))`,
  ]
  return {
    folder,
    async write(name, code) {
      const path = join(folder, name)
      await writeFile(path, [...begin, code].join('\n'))
      await chmod(path, 0o700)
      return path
    },
    async notes() {
      const text = await readFile(notes, 'utf8').catch(() => '')
      return text
        .split('\n')
        .filter((line) => line !== '')
        .map((line) => JSON.parse(line))
    },
    remove: () => rm(folder, { recursive: true }),
  }
}
