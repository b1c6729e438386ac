/** What a person can do about a refusal of the refresh token. */
export function userAdvice(
  reason: string,
  { error_subtype: subtype }: Readonly<Record<string, unknown>>,
): string {
  if (reason === 'invalid_scope') return '. The person has to consent to these scopes'
  if (reason === 'invalid_client') return '. Do the client and its secret belong together?'
  if (reason !== 'invalid_grant') return ''
  // Google wants a proof that the person is there, which its administrators may ask for every few hours.
  return subtype === 'invalid_rapt' || subtype === 'rapt_required'
    ? '. The organisation wants the person to log in again: gcloud auth application-default login, or ask for consent anew'
    : '. Likely: the person took the consent back, or changed the password; the refresh token was not used for six months, is older than seven days while the project is in Testing, was replaced by another one, or is of another client. The person has to log in again'
}
