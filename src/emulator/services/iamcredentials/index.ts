import { defineService, type Service } from '../../service.ts'
import { generateAccessToken } from './generate-access-token.ts'
import { generateIdToken } from './generate-id-token.ts'
import { signBlob } from './sign-blob.ts'
import { signJwt } from './sign-jwt.ts'

/** IAM Service Account Credentials: tokens and signatures of accounts that the caller may act as. */
export const iamCredentialsService: Service = defineService(
  'iamcredentials:v1',
  {
    'iamcredentials.projects.serviceAccounts.generateAccessToken': generateAccessToken,
    'iamcredentials.projects.serviceAccounts.generateIdToken': generateIdToken,
    'iamcredentials.projects.serviceAccounts.signBlob': signBlob,
    'iamcredentials.projects.serviceAccounts.signJwt': signJwt,
  },
  // The document does not name it, and Google's client for Python asks for nothing else.
  { scopes: ['https://www.googleapis.com/auth/iam'] },
)
