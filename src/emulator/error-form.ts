import type { RestDescription } from '../discovery/document.ts'

/** Which of Google's two forms an API writes its errors in. */
export type ErrorForm = 'older' | 'status'

/**
 * The form of an API's errors, as far as its document tells. APIs of the newer kind, and only those, have the
 * parameter `$.xgafv`, which chooses it. Those among them that have a service path were there before and kept theirs.
 */
export function errorFormOf({ parameters, servicePath }: RestDescription): ErrorForm {
  return parameters?.['$.xgafv'] && servicePath === '' ? 'status' : 'older'
}
