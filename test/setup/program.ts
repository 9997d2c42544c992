import { fileURLToPath } from 'node:url'

/** The program as it is built. */
export const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url))

/**
 * What Node is given to run it in tests, before its own arguments. V8 compiles the embedded engine
 * once instead of twice: what it would win by the second time comes after most tests' processes
 * have ended, and costs half of what their start does.
 */
export const RUN_PROGRAM = ['--liftoff-only', PROGRAM]
