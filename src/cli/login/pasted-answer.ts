import { createInterface } from 'node:readline'
import { Writable } from 'node:stream'
import { AuthError } from '../../errors.ts'

/** Addresses that a person pastes while the login waits. */
export interface PastedAnswers {
  /**
   * Waits for a line that is the answer. What is wrong with others is told, and it goes on waiting.
   * @param whyNot why a line is not the answer; undefined for the one that is
   * @throws {AuthError} reason `no_answer` after Ctrl-D: what comes then, the terminal would show.
   */
  wait(whyNot: (line: string) => string | undefined): Promise<string>
  /** Gives the terminal back. */
  close(): void
}

/**
 * Reads from a terminal, which shows nothing of it: the address has the code. Ctrl-C ends the program as always.
 * @param tell writes a line
 */
export function readPastedAnswers(input: NodeJS.ReadStream, tell: (line: string) => void): PastedAnswers {
  const hidden = new Writable({ write: (_chunk, _encoding, done) => done() })
  const lines = createInterface({ input, output: hidden, terminal: true, historySize: 0 })
  const close = (): void => {
    lines.close()
    input.unref?.()
  }
  lines.on('SIGINT', () => {
    close()
    process.kill(process.pid, 'SIGINT')
  })
  return {
    wait: (whyNot) =>
      new Promise((resolve, reject) => {
        lines.on('close', () =>
          reject(
            new AuthError('the login was left; begin it anew with: discokit login', { reason: 'no_answer' }),
          ),
        )
        lines.on('line', (line) => {
          const address = withoutQuotes(line)
          if (address === '') return
          const why = whyNot(address)
          if (why === undefined) return resolve(address)
          tell(`That cannot be used: ${why}.`)
        })
      }),
    close,
  }
}

/** Terminals mark what is pasted, and people put quotes around it. */
function withoutQuotes(line: string): string {
  return line
    .replaceAll(/.\[20[01]~/g, '')
    .trim()
    .replace(/^(['"<])(.*)['">]$/, '$2')
}
