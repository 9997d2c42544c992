import { fileURLToPath } from 'node:url'

/** The program as it is built. */
export const PROGRAM = fileURLToPath(new URL('../../dist/main.js', import.meta.url))
