import type { HttpResponse } from '../../../protocol/http.ts'
import { jsonAnswer } from '../../answers.ts'
import type { Call } from '../../service.ts'
import { projectNumber } from './project-number.ts'

/** `storage.projects.serviceAccount.get`: the account under which Cloud Storage itself acts in a project. */
export function getServiceAccount({ parameters }: Call): HttpResponse {
  const number = projectNumber(parameters.text('projectId')!)
  return jsonAnswer({
    kind: 'storage#serviceAccount',
    email_address: `service-${number}@gs-project-accounts.iam.gserviceaccount.com`,
  })
}
