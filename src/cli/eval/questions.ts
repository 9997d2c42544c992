import { readFile } from 'node:fs/promises'
import * as z from 'zod'
import { InputError, readingProblem } from '../../errors.js'

const labelled = z.object({ spec: z.string(), method: z.string(), path: z.string() })
const questionLine = z.object({
  id: z.string(),
  query: z.string(),
  gold: z.array(labelled).min(1),
  /** Asked of the specs whose file name starts with this. */
  scope: z.string().optional(),
})

/** A question and the operations that answer it. */
export type Question = z.infer<typeof questionLine>

/** The questions of a file, one JSON object a line. Throws InputError naming the line. */
export async function readQuestions(file: string): Promise<Question[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    throw new InputError(`${file} cannot be read: ${readingProblem(error)}`, { cause: error })
  })
  const lines = text.split('\n').filter((line) => line.trim() !== '')
  if (lines.length === 0) throw new InputError(`${file} has no questions in it.`)
  return lines.map((line, index) => {
    try {
      return questionLine.parse(JSON.parse(line))
    } catch (error) {
      throw new InputError(
        `Line ${index + 1} of ${file} is no question: it takes {"id", "query", "gold": [{"spec", "method", "path"}]}.`,
        { cause: error },
      )
    }
  })
}
