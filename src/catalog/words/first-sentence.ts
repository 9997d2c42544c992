/** `[first sentence, rest]`. A sentence ends at `. ! ?` before white space, or at a line's end. */
export function splitFirstSentence(description: string): [string, string] {
  const end = /[.!?](?=\s)|\n/.exec(description)
  if (!end) return [description, '']
  return [description.slice(0, end.index), description.slice(end.index + 1)]
}
