import * as z from 'zod'

/** What values are called where people read of them. */
const KINDS: Readonly<Record<string, string>> = {
  string: 'a text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
}

/**
 * Says in plain words what is wrong with an input: `must be at most 50`, after the name of the field
 * that whoever reports it puts in front. For all schemas of the process.
 */
export function usePlainErrors(): void {
  z.config({ customError: (issue) => plainError(issue) })
}

function plainError(issue: z.core.$ZodRawIssue): string | undefined {
  if (issue.code === 'invalid_type') {
    if (issue.input === undefined) return 'is missing'
    // A text where a list is wanted is nearly always the one item of it.
    const item = issue.expected === 'array' && typeof issue.input === 'string' ? issue.input : null
    const like = item === null ? '' : `: ${JSON.stringify([item.slice(0, 80)])}`
    return `must be ${KINDS[issue.expected] ?? issue.expected}${like}`
  }
  if (issue.code === 'too_small') return tooFar(issue.origin, `at least ${issue.minimum}`)
  if (issue.code === 'too_big') return tooFar(issue.origin, `at most ${issue.maximum}`)
  if (issue.code === 'invalid_value') return `must be one of ${issue.values.map(String).join(', ')}`
  if (issue.code !== 'unrecognized_keys') return undefined
  return `there is no argument ${issue.keys.map((key) => `"${key.slice(0, 80)}"`).join(', ')}`
}

function tooFar(origin: string, limit: string): string {
  if (origin === 'array') return `must have ${limit} of them`
  return origin === 'string' ? `must have ${limit} characters` : `must be ${limit}`
}
