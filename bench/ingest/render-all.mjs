// A child of main.mjs: renders every operation of every document as `get_operation` does, and every
// tenth in all other forms too, and sends sizes, times and failures.
import { readFileSync } from 'node:fs'
import { parseSpec } from '../../dist/openapi/parse-spec.js'
import { renderOperation } from '../../dist/openapi/render-contract.js'
import { documentsIn } from './corpus.mjs'

/** What `get_operation` gives one operation by default: 1,500 tokens less headings. */
const DEFAULT_CHARS = 1_500 * 4 - 400
const SAMPLE = 10
const FORMS = [
  ...['errors', 'examples', 'schema', 'curl', 'typescript'].map((name) => ({ include: [name] })),
  { include: ['errors', 'examples', 'schema', 'curl', 'typescript'] },
  { maxChars: 400 },
  { maxChars: 80_000 },
]

const chars = []
const times = []
const failures = []
let truncated = 0
let forms = 0
let withoutCurl = 0

const charsOf = ({ contract, curl, security }) =>
  contract.length + curl.length + security.join('` or `').length

/** The rendered operation; null, and a failure, where it throws or is too long. */
function rendered(name, definition, components, options) {
  try {
    const result = renderOperation(definition, components, { maxChars: DEFAULT_CHARS, ...options })
    const size = charsOf(result)
    if (size <= (options.maxChars ?? DEFAULT_CHARS)) return result
    failures.push(`${name} ${JSON.stringify(options)}: ${size} characters`)
  } catch (error) {
    failures.push(`${name} ${JSON.stringify(options)}: ${error.stack}`)
  }
  return null
}

/** Parsed when asked for: of a large document most are never looked at. */
function lazyComponents(components) {
  const written = new Map(components.map(({ pointer, definition }) => [pointer, definition]))
  const parsed = new Map()
  const get = (pointer) => {
    if (!parsed.has(pointer) && written.has(pointer)) {
      parsed.set(pointer, JSON.parse(written.get(pointer)))
    }
    return parsed.get(pointer)
  }
  return { get }
}

const [, , directory, every] = process.argv
const documents = documentsIn(directory).filter((_, index) => index % Number(every) === 0)

for (const { name, path } of documents) {
  const { operations, components: parts } = parseSpec(readFileSync(path))
  const components = lazyComponents(parts)
  for (const [index, { method, path, definition }] of operations.entries()) {
    const written = { ...JSON.parse(definition), method, path }
    const title = `${name} ${method} ${path}`
    const started = performance.now()
    const result = rendered(title, written, components, {})
    times.push(performance.now() - started)
    if (result === null) continue
    chars.push(charsOf(result) / 4)
    truncated += Number(result.truncated)
    withoutCurl += Number(result.curl === '')
    if (index % SAMPLE !== 0) continue
    for (const options of [...FORMS, ...result.leftOut.slice(0, 3).map((expand) => ({ expand }))]) {
      const form = rendered(title, written, components, options)
      forms++
      if (form !== null && options.expand && /There is no such part/.test(form.contract)) {
        failures.push(`${title}: was left out, and cannot be expanded: ${options.expand}`)
      }
    }
  }
}
process.send({ tokens: chars, times, truncated, withoutCurl, forms, failures })
