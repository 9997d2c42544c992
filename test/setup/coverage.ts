import { takeCoverage } from 'node:v8'
import { afterAll } from 'vitest'

// vitest ends its workers without the exit at which Node writes what NODE_V8_COVERAGE asks for.
if (process.env['NODE_V8_COVERAGE'] !== undefined) afterAll(() => takeCoverage())
