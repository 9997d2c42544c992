import { fileURLToPath } from 'node:url'
import { defineConfig } from 'vitest/config'
import { LongestFirst } from './test/setup/longest-first.js'

const root = fileURLToPath(new URL('.', import.meta.url))

/**
 * Tests import `../src/…` for their types, and run against the build in `dist/`: what is tested is
 * what ships, worker threads included, and one coverage report covers child processes too.
 */
export default defineConfig({
  resolve: { alias: [{ find: /^(?:\.\.?\/)+src\/(.*)$/, replacement: `${root}dist/$1` }] },
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/setup/global.ts'],
    setupFiles: ['test/setup/coverage.ts'],
    pool: 'forks',
    // One more than the cores of a small machine: tests that wait for a poll or a lease leave one free.
    maxWorkers: 3,
    sequence: { sequencer: LongestFirst },
    // Tests kill processes and wait for others to notice, on machines that are shared.
    retry: process.env['CI'] ? 1 : 0,
    testTimeout: 60_000,
    hookTimeout: 120_000,
    server: { deps: { external: [/\/dist\//] } },
  },
})
