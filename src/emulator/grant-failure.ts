import type { HttpHeaders, HttpResponse } from '../protocol/http.ts'
import { jsonAnswer } from './answers.ts'

/** A refusal that its sender is told, a program in JSON (RFC 6749 section 5.2) and a person on a page (section 4.1.2.1). */
export class GrantFailure extends Error {
  override name = 'GrantFailure'
  readonly error: string
  readonly status: number

  constructor(error: string, description: string, status = 400) {
    super(description)
    this.error = error
    this.status = status
  }
}

/** The answer of an OAuth endpoint: what it gives, or why it refuses. Nobody may store it. */
export async function answerGrant(give: () => Promise<object>): Promise<HttpResponse> {
  try {
    return jsonAnswer(await give(), 200, NEVER_STORED)
  } catch (error) {
    if (!(error instanceof GrantFailure)) throw error
    const headers = error.status === 401 ? { ...NEVER_STORED, 'www-authenticate': 'Basic' } : NEVER_STORED
    return jsonAnswer({ error: error.error, error_description: error.message }, error.status, headers)
  }
}

const NEVER_STORED: HttpHeaders = { 'cache-control': 'no-store', pragma: 'no-cache' }
