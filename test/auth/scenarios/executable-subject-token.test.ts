/** Scenario 111: the subject token that a program prints. */
import { readFileSync } from 'node:fs'
import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest'
import { splitCommand } from '../../../src/auth/program/command-line.ts'
import { subjectTokenSource } from '../../../src/auth/subject-token/subject-token-source.ts'
import { failureOf } from '../../transport/contexts.ts'
import { type Programs, programFolder } from '../programs.ts'
import { AUDIENCE, contextOf, NOW, subjectToken } from '../provider.ts'

const ALLOW = 'GOOGLE_EXTERNAL_ACCOUNT_ALLOW_EXECUTABLES'
const TYPE = 'urn:ietf:params:oauth:token-type:'
const SECRET = 'eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJhIn0.c2lnbmF0dXJl'
const ANSWER = { version: 1, success: true, token_type: `${TYPE}id_token`, id_token: SECRET }
const END_S = NOW / 1_000 + 60
let programs: Programs

beforeEach(async () => {
  programs = await programFolder()
  vi.stubEnv(ALLOW, '1')
})
afterEach(async () => {
  vi.useRealTimers()
  vi.unstubAllEnvs()
  await programs.remove()
})

/** A source whose program prints this and ends so. */
async function printing(answer: unknown, exitCode = 0) {
  const text = typeof answer === 'string' ? answer : JSON.stringify(answer)
  const path = await programs.write(
    'print',
    `note(process.argv.slice(2)); process.stdout.write(${JSON.stringify(text)}); process.exitCode = ${exitCode}`,
  )
  return { executable: { command: `"${path}" --for 'an audience'` } }
}

describe('a program that prints a subject token', () => {
  test.each([`${TYPE}id_token`, `${TYPE}jwt`])('[111] prints one of the type %s', async (token_type) => {
    expect(await subjectToken(await printing({ ...ANSWER, token_type }))).toBe(SECRET)
  })

  test('[111] prints a SAML response', async () => {
    const answer = { version: 1, success: true, token_type: `${TYPE}saml2`, saml_response: 'PHNhbWw+' }
    const source = await printing(answer)
    const request = { subjectTokenType: `${TYPE}saml2` }
    expect(await subjectToken(source, contextOf(), request)).toBe('PHNhbWw+')
    expect((await failureOf(subjectToken(source))).message).toContain('has saml_response, and not id_token')
  })

  test.each([undefined, '', '0', 'true', '1 '])(
    '[111] is not run where the environment does not allow it: %j',
    async (value) => {
      vi.stubEnv(ALLOW, value)
      const error = await failureOf(subjectToken(await printing(ANSWER)))
      expect([error.reason, error.message]).toEqual([
        'executable_not_allowed',
        expect.stringContaining(`set ${ALLOW}=1`),
      ])
      expect(await programs.notes()).toEqual([])
    },
  )

  test('[111] is told what stands within quotes as one word, and no shell reads it', async () => {
    const path = await programs.write(
      'my tool',
      `note(process.argv.slice(2)); print(${JSON.stringify(ANSWER)})`,
    )
    const command = `"${path}"   one 'two $HOME' "three 'x'" a="b c" \`id\` *; $(id) C:\\dir\\ > file`
    expect(await subjectToken({ executable: { command } })).toBe(SECRET)
    expect(await programs.notes()).toEqual([
      ['one', 'two $HOME', "three 'x'", 'a=b c', '`id`', '*;', '$(id)', 'C:\\dir\\', '>', 'file'],
    ])
  })

  test('[111] is told of what the token is for, beside the environment that there is', async () => {
    vi.stubEnv('GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE', 'of another')
    vi.stubEnv('OWN_VARIABLE', 'kept')
    const path = await programs.write(
      'env',
      `note(Object.fromEntries(Object.entries(process.env).filter(([name]) => /^GOOGLE_EXT|^OWN_/.test(name))))
       print(${JSON.stringify({ ...ANSWER, expiration_time: END_S })})`,
    )
    const executable = { command: `"${path}"` }
    await subjectToken({ executable })
    const output_file = join(programs.folder, 'output')
    const request = { impersonatedEmail: 'robot@p.iam.gserviceaccount.com' }
    await subjectToken({ executable: { ...executable, output_file } }, contextOf(), request)
    const all = {
      [ALLOW]: '1',
      GOOGLE_EXTERNAL_ACCOUNT_AUDIENCE: AUDIENCE,
      GOOGLE_EXTERNAL_ACCOUNT_TOKEN_TYPE: `${TYPE}jwt`,
      GOOGLE_EXTERNAL_ACCOUNT_INTERACTIVE: '0',
      GOOGLE_EXTERNAL_ACCOUNT_REVOKE: '0',
      OWN_VARIABLE: 'kept',
    }
    expect(await programs.notes()).toEqual([
      all,
      {
        ...all,
        GOOGLE_EXTERNAL_ACCOUNT_OUTPUT_FILE: output_file,
        GOOGLE_EXTERNAL_ACCOUNT_IMPERSONATED_EMAIL: request.impersonatedEmail,
      },
    ])
  })

  test('may write what it likes to its error output', async () => {
    const path = await programs.write(
      'loud',
      `process.stderr.write('{'.repeat(2_000_000)); print(${JSON.stringify(ANSWER)})`,
    )
    expect(await subjectToken({ executable: { command: `"${path}"` } })).toBe(SECRET)
  })

  test.each<[unknown, string]>([
    ['', 'is no JSON object'],
    [SECRET, 'is no JSON object'],
    ['[]', 'is no JSON object'],
    [{ ...ANSWER, version: undefined }, 'lacks version'],
    [{ ...ANSWER, version: '1' }, 'lacks version'],
    [{ ...ANSWER, version: 2 }, 'is not of version 1'],
    [{ ...ANSWER, success: undefined }, 'lacks success'],
    [{ ...ANSWER, success: 'true' }, 'lacks success'],
    [{ ...ANSWER, token_type: undefined }, 'has no token_type that is known'],
    [{ ...ANSWER, token_type: `${TYPE}mtls` }, 'has no token_type that is known'],
    [{ ...ANSWER, id_token: undefined }, 'lacks id_token'],
    [{ ...ANSWER, id_token: ' ' }, 'lacks id_token'],
    [{ ...ANSWER, id_token: 5 }, 'lacks id_token'],
    [{ ...ANSWER, expiration_time: END_S - 60 }, 'has expired already'],
    [{ ...ANSWER, expiration_time: 1 }, 'has expired already'],
    [{ ...ANSWER, expiration_time: 'soon' }, 'is no number of seconds'],
    [{ version: 1, success: false }, 'tells of a failure without code and message'],
    [{ version: 1, success: false, code: '401' }, 'tells of a failure without code and message'],
    [{ version: 1, success: false, code: '401', message: 'Log in.' }, 'a failure: 401: Log in.'],
  ])('[111] is not believed when it prints %j', async (answer, why) => {
    const { reason, message } = await failureOf(subjectToken(await printing(answer)))
    expect([reason, message]).toEqual(['subject_token', expect.stringContaining(why)])
    expect(message).toContain(programs.folder)
    expect(message).not.toContain('eyJ')
  })

  test('[111] tells of a failure in few printable words without tokens', async () => {
    const message = `no\n\u001b[31m ${SECRET} ya29.a0AfB_secret-token ${'long '.repeat(200)}`
    const error = await failureOf(
      subjectToken(await printing({ version: 1, success: false, code: 'E', message })),
    )
    expect(error.message).toMatch(/: E: no \[31m … … long long[ -~…]+$/)
    expect(error.message.length).toBeLessThan(600)
  })

  test('[111] fails by its exit code, whatever it prints', async () => {
    const { reason, message } = await failureOf(subjectToken(await printing(ANSWER, 3)))
    expect([reason, message]).toEqual(['subject_token', expect.stringContaining('failed (3)')])
    expect(message).not.toContain('eyJ')
  })

  test('[111] may be missing, or no program', async () => {
    const why = async (path: string): Promise<string> =>
      (await failureOf(subjectToken({ executable: { command: `"${path}"` } }))).message
    expect(await why(join(programs.folder, 'nowhere'))).toContain('does not exist')
    const text = join(programs.folder, 'text')
    await writeFile(text, 'text', { mode: 0o600 })
    expect(await why(text)).toContain('may not be run')
  })

  test('[111] is stopped when it prints too much', async () => {
    const path = await programs.write('endless', `for (;;) fs.writeSync(1, 'x'.repeat(65_536))`)
    const error = await failureOf(subjectToken({ executable: { command: `"${path}"` } }))
    expect(error.message).toContain('wrote more than 1048576 bytes')
  })

  /** A program that does not end, and has started another. */
  const endless = async (): Promise<string> =>
    programs.write(
      'endless',
      `const { spawn } = require('node:child_process')
       const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'inherit' })
       child.on('spawn', () => note([process.pid, child.pid]))
       setInterval(() => {}, 1000)`,
    )
  /** Whether it has ended; whoever adopted it may not have taken notice yet. */
  const isGone = (pid: number): boolean => {
    try {
      process.kill(pid, 0)
      return readFileSync(`/proc/${pid}/stat`, 'utf8').includes(') Z ')
    } catch (error) {
      return (error as { code?: string }).code === 'ESRCH'
    }
  }
  const started = async (): Promise<number[]> => {
    await expect.poll(() => programs.notes(), { timeout: 20_000 }).toHaveLength(1)
    return (await programs.notes())[0]
  }

  test('[111] is stopped after its time, with all that it started', async () => {
    // The one time limit, at hand.
    let expire = (): void => {}
    const set = globalThis.setTimeout
    vi.spyOn(globalThis, 'setTimeout').mockImplementation((run: () => void, ms?: number) => {
      if (ms === 7_000) expire = run
      return set(run, ms)
    })
    const executable = { command: `"${await endless()}"`, timeout_millis: 7_000 }
    const running = failureOf(subjectToken({ executable }))
    const pids = await started()
    expire()
    expect((await running).message).toContain('did not end within 7000 ms')
    await expect.poll(() => pids.every(isGone), { timeout: 20_000 }).toBe(true)
  })

  test('is stopped when the call ends that it is run for', async () => {
    const context = contextOf()
    const running = failureOf(subjectToken({ executable: { command: `"${await endless()}"` } }, context))
    const pids = await started()
    const reason = new Error('enough')
    context.call.end(reason)
    expect(await running).toBe(reason)
    await expect.poll(() => pids.every(isGone), { timeout: 20_000 }).toBe(true)
  })
})

describe('the output file of a program', () => {
  const output = (): string => join(programs.folder, 'output')
  const withOutput = async (answer: unknown = { ...ANSWER, expiration_time: END_S }) => {
    const { executable } = await printing(answer)
    return { executable: { ...executable, output_file: output() } }
  }
  const runs = async (): Promise<number> => (await programs.notes()).length

  test('[111] is used as long as its token holds, and the program is not run', async () => {
    const source = await withOutput()
    await writeFile(output(), JSON.stringify({ ...ANSWER, id_token: 'kept', expiration_time: END_S }))
    let now = NOW
    const context = contextOf(undefined, { now: () => now })
    expect(await subjectToken(source, context)).toBe('kept')
    now += 59_999
    expect(await subjectToken(source, context)).toBe('kept')
    expect(await runs()).toBe(0)
    now += 1
    await failureOf(subjectToken(source, context))
    expect(await runs()).toBe(1)
  })

  test.each<[string, unknown]>([
    ['is empty', ''],
    ['is no JSON', '{'],
    ['has expired', { ...ANSWER, expiration_time: 1 }],
    ['does not say when it ends', ANSWER],
    ['tells of a failure', { version: 1, success: false, code: '1', message: 'no' }],
    ['is of a version to come', { ...ANSWER, version: 2, expiration_time: END_S }],
    ['is too large', ' '.repeat(1_048_577)],
  ])('[111] is passed over when it %s', async (_, content) => {
    const source = await withOutput()
    await writeFile(output(), typeof content === 'string' ? content : JSON.stringify(content))
    expect(await subjectToken(source)).toBe(SECRET)
    expect(await runs()).toBe(1)
  })

  test('[111] need not be there', async () => {
    const source = await withOutput()
    await rm(output(), { force: true })
    expect(await subjectToken(source)).toBe(SECRET)
  })

  test('[111] wants answers that say when they end', async () => {
    const error = await failureOf(subjectToken(await withOutput(ANSWER)))
    expect(error.message).toContain('lacks expiration_time, which it must have with an output_file')
  })

  test('[111] is not read where programs are not allowed', async () => {
    const source = await withOutput()
    await writeFile(output(), JSON.stringify({ ...ANSWER, expiration_time: END_S }))
    vi.stubEnv(ALLOW, undefined)
    expect((await failureOf(subjectToken(source))).reason).toBe('executable_not_allowed')
  })
})

describe('a source that is a program', () => {
  const parse = (executable: unknown) =>
    subjectTokenSource({ credential_source: { executable } }, 'the file external.json')

  test.each([
    [undefined, undefined, 30_000],
    [5_000, undefined, 5_000],
    [120_000, undefined, 120_000],
    [null, undefined, 30_000],
    [4_999, 'timeout_millis is not from 5000 to 120000'],
    [120_001, 'timeout_millis is not from 5000 to 120000'],
    ['30000', 'timeout_millis is not from 5000 to 120000'],
    [NaN, 'timeout_millis is not from 5000 to 120000'],
  ])('[111] has the time %j', (timeout_millis, why, timeoutMs?) => {
    const taken = () => parse({ command: 'run', timeout_millis })
    if (why === undefined) expect(taken().timeoutMs).toBe(timeoutMs)
    else
      expect(taken).toThrow(
        expect.objectContaining({ reason: 'invalid_key_file', message: expect.stringContaining(why) }),
      )
  })

  test.each([
    ['run', 'executable is no object'],
    [{}, 'lacks command'],
    [{ command: '' }, 'command is not a text'],
    [{ command: ['run'] }, 'command is not a text'],
    [{ command: 'run\nrm' }, 'command is not a text'],
    [{ command: 'run "a' }, 'has a quote that does not end'],
    [{ command: "run it's" }, 'has a quote that does not end'],
    [{ command: '"" a' }, 'names no program'],
    [{ command: 'run', output_file: 5 }, 'output_file is not a text'],
  ])('[111] is refused at once: %j', (executable, why) => {
    expect(() => parse(executable)).toThrow(
      expect.objectContaining({ reason: 'invalid_key_file', message: expect.stringContaining(why) }),
    )
  })

  test('[111] is split in no more time than it has characters', () => {
    expect(splitCommand(`${'a '.repeat(100_000)}"`)).toBeUndefined()
    expect(splitCommand('a'.repeat(200_000))).toHaveLength(1)
  })
})
