import { readFile } from 'node:fs/promises'
import { setFlagsFromString } from 'node:v8'

/** PGlite's WebAssembly, which lies beside its entry. */
const ENGINE_WASM = new URL('pglite.wasm', import.meta.resolve('@electric-sql/pglite'))

/**
 * How much of a function is run, in bytes of its code, before V8 compiles it a second time to run
 * faster; at most 2^31. With V8's own number (1.8 million in Node 20, 13 million in Node 22 and 24)
 * listing an empty catalog compiles 60 to 105 functions again: a second of processor time for a
 * process that is over in as long, and whose end waits for what is being compiled. With this one it
 * is none of them, and those that uploads and searches live from are compiled again all the same.
 */
const TIERING_BUDGET = 2_000_000_000

/**
 * Compiles PGlite's WebAssembly, beside the thread that asks. It takes as long as the engine's thread
 * takes to start, so it is begun before that. Rejects where the file cannot be read.
 */
export async function compileEngine(): Promise<WebAssembly.Module> {
  setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`)
  return await WebAssembly.compile(await readFile(ENGINE_WASM))
}
