import { readFile } from 'node:fs/promises'
import { setFlagsFromString } from 'node:v8'

/** PGlite's WebAssembly, which lies beside its entry. */
const ENGINE_WASM = new URL('pglite.wasm', import.meta.resolve('@electric-sql/pglite'))

/**
 * How much of a function is run, in bytes of its code, before V8 compiles it a second time to run
 * faster. With V8's own number (1.8 million in Node 20) opening a directory compiles 60 functions
 * again: 0.9 s of processor time for a process that is over in as long, and whose end waits for what
 * is being compiled. With this one it is none of them, and functions that searches and uploads live
 * from are compiled again all the same.
 */
const TIERING_BUDGET = 1_000_000_000

/**
 * Compiles PGlite's WebAssembly, beside the thread that asks. It takes as long as the engine's thread
 * takes to start, so it is begun before that. Rejects where the file cannot be read.
 */
export async function compileEngine(): Promise<WebAssembly.Module> {
  setFlagsFromString(`--wasm-tiering-budget=${TIERING_BUDGET}`)
  return await WebAssembly.compile(await readFile(ENGINE_WASM))
}
