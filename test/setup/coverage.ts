import { takeCoverage } from 'node:v8'
import { afterAll } from 'vitest'

const directory = process.env['NODE_V8_COVERAGE']

if (directory !== undefined) {
  // vitest ends its workers without the exit at which Node writes what it was asked for.
  afterAll(() => takeCoverage())
  // Each thread and each process would write some megabytes: threads of tests, one for each document
  // and each embedded database, run what those of the processes do, which server.ts chooses.
  process.env['COVERAGE_OF_PROCESSES'] = directory
  delete process.env['NODE_V8_COVERAGE']
}
