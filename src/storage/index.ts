/** What only Cloud Storage has: addresses and forms that let others in for a while, and sessions for browsers. */
export { signedUrl } from './signed-url.ts'
export type { SignedUrlOptions } from './signed-url.ts'
export { postPolicy } from './post-policy.ts'
export type { PolicyCondition, PostPolicy, PostPolicyOptions } from './post-policy.ts'
export { startSession } from './start-session.ts'
export type { StartSessionOptions } from './start-session.ts'
export type { AccountSigner, HmacKey, SigningAccount, UrlSigner } from './url-signer.ts'
export type { BucketHost } from './bucket-address.ts'
