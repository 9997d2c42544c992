import PQueue from 'p-queue'
import { availableParallelism } from 'node:os'
import { InputError } from '../errors.js'
import type { SpecComparison } from '../openapi/compare/compare-specs.js'
import { PrepareThread } from './prepare-thread.js'
import type {
  BundleListing,
  PrepareAnswer,
  PreparedComponent,
  PreparedOperation,
  PreparedPart,
  PreparedSpec,
  PrepareTask,
  SpecSource,
  UploadLimits,
} from './prepared-spec.js'

/** Each parse may take a core and a gigabyte. */
const lanes = new PQueue({ concurrency: Math.max(1, availableParallelism() - 1) })

/**
 * A thread takes .1 s to start, most documents less to parse: of a folder, the next one is read by
 * the same. One that rests longer than this gives its memory back.
 */
const MAX_REST_MS = 1_000
let resting: PrepareThread | null = null
const restLimit = setTimeout(() => void takeResting()?.end(), MAX_REST_MS).unref()

/**
 * Reads, parses and prepares a document in a worker thread, within limits of time and memory.
 * Throws InputError with a sentence about what is wrong with the document.
 */
export async function prepareSpec(
  source: SpecSource,
  limits: UploadLimits,
  signal?: AbortSignal,
): Promise<PreparedSpec> {
  const operations: PreparedOperation[] = []
  const components: PreparedComponent[] = []
  const answer = await askThread({ task: 'prepare', source }, limits, signal, (part) => {
    if (part.type === 'operations') operations.push(...part.operations)
    else components.push(...part.components)
  })
  if (answer.type !== 'spec') throw new Error(`the parsing thread answered "${answer.type}"`)
  return { ...answer.spec, operations, components }
}

/**
 * The documents of a directory or a zip; null for what is neither. Throws InputError where it
 * cannot be read, or passes a limit.
 */
export async function listBundle(
  source: SpecSource,
  limits: UploadLimits,
  signal?: AbortSignal,
): Promise<BundleListing | null> {
  const answer = await askThread({ task: 'list', source }, limits, signal)
  return answer.type === 'listing' ? answer.listing : null
}

/** How two revisions of a spec differ, given as they are stored, unzipped. */
export async function compareDocuments(
  before: Uint8Array,
  after: Uint8Array,
  limits: UploadLimits,
  signal?: AbortSignal,
): Promise<SpecComparison> {
  const answer = await askThread({ task: 'compare', before, after }, limits, signal)
  if (answer.type !== 'comparison') throw new Error(`the parsing thread answered "${answer.type}"`)
  return answer.comparison
}

async function askThread(
  task: PrepareTask,
  limits: UploadLimits,
  signal: AbortSignal | undefined,
  onPart: (part: PreparedPart) => void = () => {},
): Promise<Exclude<PrepareAnswer, { type: 'refused' }>> {
  const { parseTimeoutMs, parseMemoryMb, maxBytes, maxOperations, maxDepth, maxAliases } = limits
  const parse = { maxBytes, maxOperations, maxDepth, maxAliases, parseMemoryMb }
  const answer = await lanes.add(async () => {
    signal?.throwIfAborted()
    const thread = takeResting(parseMemoryMb) ?? new PrepareThread(parseMemoryMb)
    const timeout = new AbortController()
    const timer = setTimeout(() => timeout.abort(), parseTimeoutMs)
    const stop = AbortSignal.any([timeout.signal, ...(signal ? [signal] : [])])
    try {
      const answer = await thread.ask({ ...task, limits: parse }, stop, onPart)
      rest(thread)
      return answer
    } catch (error) {
      void thread.end()
      throw timeout.signal.aborted ? tookTooLong(task.task, parseTimeoutMs, error) : error
    } finally {
      clearTimeout(timer)
    }
  })
  if (answer.type === 'refused') throw new InputError(answer.message)
  return answer
}

function tookTooLong(
  task: PrepareTask['task'],
  parseTimeoutMs: number,
  cause: unknown,
): InputError {
  if (task === 'compare') {
    return new InputError(
      `TIMEOUT: comparing took longer than ${parseTimeoutMs / 1000} s. ` +
        'Raise API_CATALOG_PARSE_TIMEOUT_MS.',
      { cause },
    )
  }
  return new InputError(
    `TIMEOUT: reading the document took longer than ${parseTimeoutMs / 1000} s. ` +
      'Split it, upload it as JSON, which is read several times faster than YAML, ' +
      'or raise API_CATALOG_PARSE_TIMEOUT_MS.',
    { cause },
  )
}

function takeResting(memoryMb?: number): PrepareThread | null {
  const thread = resting
  if (memoryMb !== undefined && thread?.memoryMb !== memoryMb) return null
  resting = null
  return thread?.isAlive === true ? thread : null
}

function rest(thread: PrepareThread): void {
  thread.rest()
  void takeResting()?.end()
  resting = thread
  restLimit.refresh()
}
