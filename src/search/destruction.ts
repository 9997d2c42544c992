import { rawWords } from '../catalog/words/words.js'

/** Verbs whose operations leave less than there was. */
const VERBS = new Set('delete remove destroy purge erase kick revoke'.split(' '))

/** What else asks for it, in any form of the word. */
const ASKS = new Set([
  ...VERBS,
  ...(
    'cancel clear drop unassign unsubscribe detach wipe ban block evict terminate kill uninstall ' +
    'discard dismiss disconnect disable deactivate stop leave reset undo trash clean ' +
    'unmark unlink unfollow unlike unregister unpublish unset unpin unstar untag unshare deregister ' +
    'disassociate dissociate release withdraw void empty ' +
    'deletion removal cancellation termination'
  ).split(' '),
])

/** "with all its pods", "and their cards", "including the replies": the words up to what goes along. */
const ALONG =
  /\s+(?:(?:with|including)(?:\s+all)?(?:\s+of)?\s+(?:its|his|her|their|the)|and(?:\s+all)?(?:\s+of)?\s+(?:its|his|her|their))\s+[\p{L}\p{N}_-]+/giu

/**
 * A question that takes something away without what goes along with it: "delete a namespace with all
 * its pods" is about a namespace, and an operation on pods does something else.
 */
export function withoutAlong(question: string): string {
  return asksForDestruction(question) ? question.replaceAll(ALONG, '') : question
}

/** Whether a question has a word for taking something away, wherever: "how may an admin delete". */
export function asksForDestruction(question: string): boolean {
  return rawWords(question).some((word) => {
    const bare = word.replace(/(?:ing|ed|es|s|d)$/, '')
    return [word, bare, `${bare}e`, bare.replace(/(.)\1$/, '$1')].some((form) => ASKS.has(form))
  })
}

/**
 * Whether an operation takes something away: a DELETE, or a POST that calls a procedure of such a
 * name (`/chat.delete`, `/users/{id}/remove`, `users:batchDelete`, `deleteUser`). For ranking alone: an
 * operation's `effect` is what its method promises.
 */
export function destroys(operation: {
  method: string
  path: string
  operation_id: string | null
}): boolean {
  const { method, path, operation_id } = operation
  if (method !== 'POST') return method === 'DELETE'
  const [procedure = ''] = /[^/.:{}]*$/.exec(path) ?? []
  return [procedure, operation_id ?? ''].some((name) => {
    const words = rawWords(name)
    return [words[0], words.at(-1)].some((word) => word !== undefined && VERBS.has(word))
  })
}
