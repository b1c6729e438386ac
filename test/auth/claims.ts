/** The claims of a JWT, unchecked. */
export function claimsOf(jwt: string): Record<string, unknown> {
  return segmentOf(jwt, 1)
}

/** The header of a JWT, unchecked. */
export function headerOf(jwt: string): Record<string, unknown> {
  return segmentOf(jwt, 0)
}

function segmentOf(jwt: string, index: number): Record<string, unknown> {
  return JSON.parse(Buffer.from(jwt.split('.')[index]!, 'base64url').toString()) as Record<string, unknown>
}
