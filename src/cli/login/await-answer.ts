import { AuthError } from '../../errors.ts'
import { type ExpectedAnswer, whyNoAnswer } from './answer-check.ts'
import type { AnswerListener } from './answer-listener.ts'
import type { PastedAnswers } from './pasted-answer.ts'

/**
 * Waits for the answer to a request for consent: the browser brings it, or the person pastes the address that the browser could not
 * open. Answers to other requests do not count, whoever sent them.
 * @param limit ends the wait
 * @throws {AuthError} reason `no_answer` when nobody came.
 */
export async function awaitAnswer(
  expected: ExpectedAnswer,
  listener: Pick<AnswerListener, 'wait'>,
  pasted: Pick<PastedAnswers, 'wait'> | undefined,
  limit: AbortSignal,
): Promise<string> {
  const whyNot = (address: string): string | undefined => whyNoAnswer(address, expected)
  const late = new Promise<never>((_resolve, reject) => {
    const fail = (): void =>
      reject(
        new AuthError('nobody answered the request for consent in five minutes. Begin the login anew', {
          reason: 'no_answer',
        }),
      )
    if (limit.aborted) fail()
    else limit.addEventListener('abort', fail, { once: true })
  })
  const answers = [listener.wait((address) => whyNot(address) === undefined), late]
  return Promise.race(pasted ? [pasted.wait(whyNot), ...answers] : answers)
}

/** How long a person may take to answer. */
export const ANSWER_LIMIT_MS = 300_000
