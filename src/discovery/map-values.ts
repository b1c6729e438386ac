/** The members of a map, changed. Without a prototype, so that one may be called `__proto__`. */
export function mapValues<A, B>(
  members: Readonly<Record<string, A>> | null,
  change: (value: A, name: string) => B,
): Record<string, B> {
  const changed = Object.create(null) as Record<string, B>
  for (const name of Object.keys(members ?? {})) changed[name] = change(members![name]!, name)
  return changed
}
