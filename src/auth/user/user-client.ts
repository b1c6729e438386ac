import type { Problem } from '../../errors.ts'

/**
 * What is wrong with a client, as it stands in options or in a saved login. Its addresses are checked where they are used.
 * @param path where it stands
 */
export function clientProblems(client: unknown, path: string): readonly Problem[] {
  if (typeof client !== 'object' || client === null || Array.isArray(client))
    return [{ path, message: 'must be a client: an object with a clientId' }]
  const { clientId, clientAuthentication, ...others } = client as Readonly<Record<string, unknown>>
  const isPlace = [undefined, 'body', 'basic'].includes(clientAuthentication as undefined)
  const named = typeof clientId === 'string' && clientId !== ''
  return [
    ...(named ? [] : [{ path: `${path}.clientId`, message: 'is required' }]),
    ...['clientSecret', 'tokenUri', 'revokeUri']
      .filter((name) => others[name] !== undefined && typeof others[name] !== 'string')
      .map((name) => ({ path: `${path}.${name}`, message: 'must be a text' })),
    ...(isPlace ? [] : [{ path: `${path}.clientAuthentication`, message: "must be 'body' or 'basic'" }]),
  ]
}
