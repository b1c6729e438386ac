import { describe, expect, test } from 'vitest'
import { createSteps, formatBytes, plainText } from '../../src/cli/output.ts'

describe('formatBytes', () => {
  test.each([
    [0, '0 B'],
    [1, '1 B'],
    [1023, '1023 B'],
    [1024, '1 KiB'],
    [1536, '1.5 KiB'],
    [67_108_864, '64 MiB'],
    [1_073_741_824, '1 GiB'],
    [Number.MAX_SAFE_INTEGER, '8192 TiB'],
  ])('%d is %s', (bytes, text) => expect(formatBytes(bytes)).toBe(text))
})

describe('plainText', () => {
  test('takes everything out that could steer a terminal', () => {
    expect(plainText('a\u001b]52;c;AAAA\u0007b\rc\u202ed\u009be')).toBe('a�]52;c;AAAA�b�c�d�e')
  })
  test('leaves letters of every language', () => {
    expect(plainText('grüße 你好 שלום')).toBe('grüße 你好 שלום')
  })
})

describe('createSteps', () => {
  const write = (
    isTTY: boolean,
    run: (steps: ReturnType<typeof createSteps>, tick: (ms: number) => void) => void,
  ): string => {
    let text = ''
    let now = 0
    const steps = createSteps({ write: (part) => (text += part), isTTY, columns: 80 }, () => now)
    run(steps, (ms) => (now += ms))
    return text
  }

  test.each([true, false])('what others wrote makes no line of its own (terminal: %j)', (isTTY) => {
    const text = write(isTTY, (steps) => {
      steps.done('name', 'Ada\nok works\tall of it\u2028!')
      steps.note('na\nme', 'Ada\r\n')
      steps.warn('ends', '\u001b[2JAda\n')
      steps.progress('a\nb').done('a\nb', 'c\nd')
      steps.line('one\n\u202etwo')
    })
    expect(text.split('\n').length).toBe(7)
    expect(text).toContain('Ada�ok works�all of it�!')
    expect(text).toContain('one\n�two\n')
  })

  test('redraws a bar on a terminal, at most twenty times a second, and takes it away at the end', () => {
    const text = write(true, (steps, tick) => {
      const progress = steps.progress('uploading a')
      for (let bytes = 0; bytes <= 1000; bytes += 10) {
        tick(10)
        progress.update(bytes, 1000)
      }
      progress.done('uploaded', 'a')
    })
    const frames = text.split('\r\u001b[2K').slice(1)
    expect(frames.length).toBeGreaterThan(15)
    expect(frames.length).toBeLessThan(25)
    expect(frames.at(-2)).toContain('100 %')
    expect(frames.at(-1)).toContain('uploaded')
  })

  test.each([20, 40, 79, 80, 100, 200])(
    'never draws a line as wide as a terminal of %i columns',
    (columns) => {
      for (const label of ['uploading a', `uploading ${'long-name-'.repeat(20)}`]) {
        let text = ''
        let now = 0
        const output = { write: (part: string) => (text += part), isTTY: true, columns }
        const progress = createSteps(output, () => (now += 1_000)).progress(label)
        for (const bytes of [0, 57 * 1_048_576, 1_610_612_736]) progress.update(bytes, 1_610_612_736)
        const lines = text.split('\r\u001b[2K').slice(1)
        // oxlint-disable-next-line no-control-regex -- colours take no room
        for (const line of lines) expect(line.replace(/\u001b\[\d+m/g, '').length).toBeLessThan(columns)
      }
    },
  )

  test('prints a line for each quarter elsewhere', () => {
    const text = write(false, (steps) => {
      const progress = steps.progress('uploading a')
      for (let bytes = 0; bytes <= 1000; bytes += 10) progress.update(bytes, 1000)
      progress.done('uploaded', 'a')
    })
    expect(text.match(/\d+ %/g)).toEqual(['25 %', '50 %', '75 %'])
    expect(text).not.toContain('\u001b')
    expect(text.endsWith('ok uploaded             a\n')).toBe(true)
  })

  test('says nothing of a size that is not known, and nothing of nothing', () => {
    expect(write(false, (steps) => steps.progress('x').update(10, undefined))).toBe('')
    expect(write(false, (steps) => steps.progress('x').update(0, 0))).toBe('')
  })
})
