import colors from 'picocolors'

/** Where the steps of a command are told: a terminal with live lines, or plain lines for everything else. */
export interface Steps {
  /** A text of one line or more, such as a heading. */
  line(text: string): void
  /** A step that is done. */
  done(label: string, detail?: string): void
  /** A fact about the step before. */
  note(label: string, detail?: string): void
  /** Something that a person has to know, though all went well. */
  warn(label: string, detail?: string): void
  /** A step that takes time. */
  progress(label: string): StepProgress
}

/** A step under way. */
export interface StepProgress {
  update(bytes: number, total: number | undefined): void
  done(label: string, detail?: string): void
  /** Takes the live line away, when the step failed. */
  clear(): void
}

/** The part of a stream that is needed to write steps. */
export interface Output {
  write(text: string): unknown
  readonly isTTY?: boolean
  readonly columns?: number
}

/** Steps written to a stream. A terminal gets a bar that is redrawn; anything else a line for each quarter. */
export function createSteps(output: Output, now: () => number = () => performance.now()): Steps {
  const live = output.isTTY === true && process.env['TERM'] !== 'dumb'
  const paint = colors.createColors(live && colors.isColorSupported)
  const marked = (mark: string, label: string, detail = ''): string =>
    `${mark} ${plainLine(label).padEnd(LABEL_WIDTH)} ${paint.dim(plainLine(detail))}`.trimEnd() + '\n'
  const doneLine = (label: string, detail?: string): string =>
    marked(live ? paint.green('✔') : 'ok', label, detail)

  function progress(label: string): StepProgress {
    const started = now()
    let drawn = -Infinity
    let quarter = 0
    return {
      update(bytes, total) {
        if (live) {
          if (now() - drawn < REDRAW_MS && bytes !== total) return
          drawn = now()
          output.write(`\r\u001b[2K${liveLine(label, bytes, total, now() - started, paint, output.columns)}`)
        } else if (
          total !== undefined &&
          total > 0 &&
          bytes < total &&
          Math.floor((4 * bytes) / total) > quarter
        ) {
          quarter = Math.floor((4 * bytes) / total)
          output.write(
            `   ${plainLine(label)} ${quarter * 25} % (${formatBytes(bytes)} of ${formatBytes(total)})\n`,
          )
        }
      },
      clear: () => void (live && output.write('\r\u001b[2K')),
      done(text, detail) {
        this.clear()
        output.write(doneLine(text, detail))
      },
    }
  }

  return {
    line: (text) => void output.write(`${plainText(text)}\n`),
    done: (label, detail) => void output.write(doneLine(label, detail)),
    note: (label, detail) => void output.write(marked(live ? ' ' : '  ', label, detail)),
    warn: (label, detail) => void output.write(marked(live ? paint.yellow('!') : '! ', label, detail)),
    progress,
  }
}

/** `64 MiB`, `1.5 KiB`, `12 B`. */
export function formatBytes(bytes: number): string {
  const power = Math.min(4, Math.floor(Math.log2(Math.max(bytes, 1)) / 10))
  const value = bytes / 1024 ** power
  return `${power === 0 || value >= 100 ? Math.round(value) : Number(value.toFixed(1))} ${UNITS[power]}`
}

/** `64 MiB in 0.21 s (305 MiB/s)`. */
export function formatRate(bytes: number, ms: number): string {
  return `${formatBytes(bytes)} in ${(ms / 1000).toFixed(2)} s (${formatBytes((bytes / Math.max(ms, 1)) * 1000)}/s)`
}

/** Tells a failure on the other stream, on a line of its own. */
export function tellFailure(message: string): void {
  process.stderr.write(`discokit: ${plainText(message)}\n`)
}

/** A text without control characters: names and messages of others must not steer the terminal. */
export function plainText(text: string): string {
  // oxlint-disable-next-line no-control-regex -- control characters are what it looks for
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g, '�')
}

/** The same without ends of lines and tabs: what somebody else wrote makes no line that looks like ours. */
export function plainLine(text: string): string {
  return plainText(text).replace(/[\t\n\u2028\u2029]/g, '�')
}

const UNITS = ['B', 'KiB', 'MiB', 'GiB', 'TiB']
const LABEL_WIDTH = 20
const REDRAW_MS = 50

function liveLine(
  label: string,
  bytes: number,
  total: number | undefined,
  ms: number,
  paint: ReturnType<typeof colors.createColors>,
  columns = 80,
): string {
  const part = total ? Math.min(1, bytes / total) : 0
  const percent = total === undefined ? '' : ` ${String(Math.floor(part * 100)).padStart(3)} %`
  const amount = ` ${formatBytes(bytes)}${total === undefined ? '' : ` of ${formatBytes(total)}`}`
  const speed = ms > 200 ? ` ${formatBytes((bytes / ms) * 1000)}/s` : ''
  // A line that wraps cannot be drawn over. What does not fit is left out: the speed, the amount, the end of the name.
  const free = columns - 1 - 3 - percent.length
  const name = plainLine(label)
    .slice(0, Math.max(8, free - LEAST_BAR - amount.length - speed.length))
    .padEnd(LABEL_WIDTH)
  const rest = free - name.length
  const details = [amount + speed, amount, ''].find((text) => text.length + LEAST_BAR <= rest) ?? ''
  const width = Math.max(0, Math.min(MOST_BAR, rest - details.length))
  const full = Math.round(part * width)
  const bar = paint.cyan('█'.repeat(full)) + paint.dim('░'.repeat(width - full))
  return `  ${name.slice(0, Math.max(0, free))} ${bar}${percent}${paint.dim(details)}`
}

const LEAST_BAR = 8
const MOST_BAR = 30
