import type { ParsedComponent } from './parsed-spec.js'

/**
 * The pointers that do not name the same in two revisions of a document with all that they reach:
 * `differing`, which name something else or name nothing in one of them, and what refers to those
 * over any number of steps. `components` are the later revision's. That is enough: up to the first
 * that differs on its way, a chain of references is the same in both.
 */
export function touchedComponents(
  differing: Iterable<string>,
  components: Iterable<Pick<ParsedComponent, 'pointer' | 'references'>>,
): Set<string> {
  const touched = new Set(differing)
  const open = [...touched]
  const usersOf = open.length === 0 ? new Map<string, string[]>() : usersByPointer(components)
  for (let pointer = open.pop(); pointer !== undefined; pointer = open.pop()) {
    for (const user of usersOf.get(pointer) ?? []) {
      if (!touched.has(user)) open.push(user)
      touched.add(user)
    }
  }
  return touched
}

function usersByPointer(
  components: Iterable<Pick<ParsedComponent, 'pointer' | 'references'>>,
): Map<string, string[]> {
  const usersOf = new Map<string, string[]>()
  for (const { pointer, references } of components) {
    for (const used of references) {
      const users = usersOf.get(used)
      if (users) users.push(pointer)
      else usersOf.set(used, [pointer])
    }
  }
  return usersOf
}
