import { setPriority } from 'node:os'
import { parentPort } from 'node:worker_threads'
import { gunzipSync } from 'node:zlib'
import { decodeText } from '../openapi/decode-text.js'
import type { SpecWarning } from '../openapi/parsed-spec.js'
import type { ParseLimits } from '../openapi/spec-error.js'
import { validateDocument } from '../openapi/validate-document.js'
import { withLines } from '../openapi/warning-lines.js'
import { WarningList } from '../openapi/warning-list.js'

/** The worker thread of `SpecValidator`: one stored document in, its warnings out. */
export interface ValidateRequest {
  /** Gzipped. */
  content: Uint8Array
  limits: ParseLimits
}

async function answer({ content, limits }: ValidateRequest): Promise<SpecWarning[]> {
  const text = decodeText(gunzipSync(content), new WarningList())
  // It was read before, joined from files perhaps: within no limits but this thread's.
  const warnings = await validateDocument(text, { ...limits, maxDepth: limits.maxDepth + 2 })
  return withLines(warnings, text)
}

// Nobody waits for it, and the spec's operations are embedded meanwhile. Only on Linux does a thread
// have a priority of its own.
if (process.platform === 'linux') setPriority(10)

parentPort?.on('message', (request: ValidateRequest) => {
  answer(request).then(
    (warnings) => parentPort?.postMessage(warnings),
    (error: unknown) => {
      setImmediate(() => {
        throw error // Ends the thread, and reaches who asked as its error.
      })
    },
  )
})
