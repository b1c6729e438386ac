import type { Component } from './component.ts'

/**
 * Joins components until one request can join what is left: groups of 32, then groups of those.
 * @param join makes one of a group, which is then a component like the others
 */
export async function composeTree(
  components: readonly Component[],
  join: (group: readonly Component[]) => Promise<Component>,
): Promise<readonly Component[]> {
  let level = components
  while (level.length > MOST_COMPONENTS) {
    const next: Component[] = []
    for (let i = 0; i < level.length; i += MOST_COMPONENTS) {
      const group = level.slice(i, i + MOST_COMPONENTS)
      next.push(group.length === 1 ? group[0]! : await join(group))
    }
    level = next
  }
  return level
}

/** What one request takes at most. */
const MOST_COMPONENTS = 32
