import * as z from 'zod'

/** A short text that is looked up in the database, whose text takes no NUL character. */
export function inputText() {
  return z.string().refine((text) => !text.includes('\0'), 'has a NUL character; leave it out')
}
