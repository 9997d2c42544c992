import { meanScores, type Labelled, type Scores } from './score.js'

/** Ids in a line for people. */
const MAX_NAMED = 20

/** What a question got. */
export interface Answered {
  id: string
  results: Labelled[]
  scores: Scores
  /** Of ranking alone. */
  ms: number
  /** Of the default page as Markdown. */
  pageTokens: number
  /** Of the same page as facts. */
  factsTokens: number
  /** Results on the default page. */
  pageHits: number
}

/** What was measured on. */
export interface Conditions {
  ranking: string
  database: string
  embedder: string | null
  specs: number
  operations: number
}

/** Prints the means over all questions, as JSON or as lines for people. */
export function report(
  answers: readonly Answered[],
  conditions: Conditions,
  asJson: boolean | undefined,
): void {
  const figures = {
    ...conditions,
    queries: answers.length,
    ...meanScores(answers.map(({ scores }) => scores)),
    latency_ms: percentiles(
      answers.map(({ ms }) => ms),
      [50, 95, 99],
    ),
    page_tokens: percentiles(
      answers.map(({ pageTokens }) => pageTokens),
      [50, 95, 99],
    ),
    facts_tokens: percentiles(
      answers.map(({ factsTokens }) => factsTokens),
      [50, 95, 99],
    ),
    page_hits: percentiles(
      answers.map(({ pageHits }) => pageHits),
      [1, 5, 50],
    ),
  }
  if (asJson) {
    process.stdout.write(`${JSON.stringify(figures, null, 2)}\n`)
    return
  }
  for (const [name, value] of Object.entries(figures)) {
    process.stdout.write(`${name.padEnd(13)}${shown(value)}\n`)
  }
}

/** On stderr the questions without a right answer among the first ten, and how to see what they found. */
export function nameMissed(answers: readonly Answered[]): void {
  const missed = answers.filter(({ scores }) => scores['hit@10'] === 0).map(({ id }) => id)
  if (missed.length === 0) return
  const more = missed.length - MAX_NAMED
  const named = [...missed.slice(0, MAX_NAMED), ...(more > 0 ? [`${more} more`] : [])]
  process.stderr.write(
    `No right answer among the first ten: ${named.join(', ')}. \`--run FILE\` writes what was found.\n`,
  )
}

/** `{ p50: …, p95: … }`, to one decimal. */
function percentiles(values: readonly number[], wanted: readonly number[]): Record<string, number> {
  const sorted = values.toSorted((a, b) => a - b)
  const at = (percent: number) =>
    sorted[Math.min(sorted.length - 1, Math.floor((percent / 100) * sorted.length))] ?? 0
  return Object.fromEntries(
    wanted.map((percent) => [`p${percent}`, Number(at(percent).toFixed(1))]),
  )
}

function shown(value: string | number | null | Record<string, number>): string {
  if (value === null) return 'none'
  if (typeof value === 'object') {
    return Object.entries(value)
      .map(([name, number]) => `${name} ${number}`)
      .join(', ')
  }
  return typeof value === 'number' && !Number.isInteger(value) ? value.toFixed(4) : String(value)
}
