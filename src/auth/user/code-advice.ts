/** What to do about a refusal of a code. */
export function codeAdvice(reason: string): string {
  if (reason === 'invalid_grant')
    return '. Likely: the code was used already or is too old, or redirectUri or codeVerifier are not those of the request for consent'
  if (reason === 'redirect_uri_mismatch')
    return '. redirectUri must be that of the request for consent, and be entered for the client in the Google Cloud console'
  return reason === 'invalid_client' ? '. Do the client and its secret belong together?' : ''
}
