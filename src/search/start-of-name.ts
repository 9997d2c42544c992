/** `PostRefun`, `list_us`: of several words, written as one. */
const NAME = /^\p{L}[\p{L}\p{N}]*(?:\p{Ll}\p{Lu}|[_.-][\p{L}\p{N}])[\p{L}\p{N}_.-]*$/u

/** Real operationIds reach 166 characters. */
const MAX_NAME_CHARS = 200

/** A question that may be the start of an operationId, in lower case; null where it is none. */
export function startOfName(question: string): string | null {
  const whole = question.trim()
  return whole.length <= MAX_NAME_CHARS && NAME.test(whole) ? whole.toLowerCase() : null
}

/** How much of an operationId a start is, 0–1: the shortest that begins so is what it was to become. */
export function shareOfName(start: string | null, operationId: string | null): number {
  const isStart = start !== null && operationId?.toLowerCase().startsWith(start)
  return isStart && operationId ? start.length / operationId.length : 0
}
