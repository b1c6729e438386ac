/**
 * What a person can do about a refusal of the refresh token.
 * @param answer the text of the answer
 */
export function userAdvice(reason: string, answer: string): string {
  if (reason === 'invalid_scope') return '. The person has to consent to these scopes'
  if (reason === 'invalid_client') return '. Do the client and its secret belong together?'
  if (reason !== 'invalid_grant') return ''
  return asksForLogin(answer)
    ? '. The organisation wants the person to log in again: gcloud auth application-default login, or ask for consent anew'
    : '. Likely: the person took the consent back, or the refresh token is of another client, too old, or replaced by another one'
}

/** Whether Google wants a proof that the person is there, which its administrators may ask for every few hours. */
function asksForLogin(answer: string): boolean {
  try {
    const { error_subtype: subtype } = JSON.parse(answer) as { error_subtype?: unknown }
    return subtype === 'invalid_rapt' || subtype === 'rapt_required'
  } catch {
    return false
  }
}
