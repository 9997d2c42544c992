import PQueue from 'p-queue'
import { availableParallelism } from 'node:os'
import { Worker } from 'node:worker_threads'
import { InputError, messageOf } from '../errors.js'
import type {
  PreparedOperation,
  PreparedSpec,
  PrepareMessage,
  SpecSource,
} from './prepared-spec.js'

const MAX_PREPARE_MS = 20_000
const MAX_HEAP_MB = 1024

/** Each parse may take a core and a gigabyte. */
const lanes = new PQueue({ concurrency: Math.max(1, availableParallelism() - 1) })

/**
 * Reads, parses and prepares a document in a worker thread of its own, within limits of time and
 * memory. Throws InputError with a sentence about what is wrong with the document.
 */
export async function prepareSpec(source: SpecSource, signal?: AbortSignal): Promise<PreparedSpec> {
  return lanes.add(() => runWorker(source, signal))
}

async function runWorker(source: SpecSource, signal?: AbortSignal): Promise<PreparedSpec> {
  signal?.throwIfAborted()
  const worker = new Worker(new URL('./prepare-worker.js', import.meta.url), {
    workerData: source,
    resourceLimits: { maxOldGenerationSizeMb: MAX_HEAP_MB },
  })
  const timeout = new AbortController()
  const timer = setTimeout(() => timeout.abort(), MAX_PREPARE_MS)
  const stop = AbortSignal.any([timeout.signal, ...(signal ? [signal] : [])])
  try {
    return await resultOf(worker, stop)
  } catch (error) {
    if (timeout.signal.aborted) {
      throw new InputError(
        `TIMEOUT: reading the document took longer than ${MAX_PREPARE_MS / 1000} s. ` +
          'Split it, or upload it as JSON, which is read several times faster than YAML.',
        { cause: error },
      )
    }
    throw error
  } finally {
    clearTimeout(timer)
    await worker.terminate()
  }
}

function resultOf(worker: Worker, stop: AbortSignal): Promise<PreparedSpec> {
  const operations: PreparedOperation[] = []
  return new Promise((resolve, reject) => {
    stop.addEventListener('abort', () => reject(stop.reason as Error), { once: true })
    worker.on('message', (message: PrepareMessage) => {
      if (message.type === 'operations') operations.push(...message.operations)
      else if (message.type === 'spec') resolve({ ...message.spec, operations })
      else reject(new InputError(message.message))
    })
    worker.on('error', (error) => reject(explained(error)))
    worker.on('exit', () => reject(new Error('the parsing thread ended without an answer')))
  })
}

function explained(error: unknown): Error {
  if ((error as NodeJS.ErrnoException).code === 'ERR_WORKER_OUT_OF_MEMORY') {
    return new InputError(
      `TOO_LARGE: reading the document took more than ${MAX_HEAP_MB} MB of memory. Split it.`,
      { cause: error },
    )
  }
  return error instanceof Error ? error : new Error(messageOf(error))
}
