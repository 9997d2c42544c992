// Runs the tests of the pure modules against `src/`, where Stryker makes its changes; no database.
import { defineConfig } from 'vitest/config'

export default defineConfig({
  test: {
    include: [
      'test/queue/{retry-delay,outcome,doorbell}.test.ts',
      'test/embedding/{batch-pace,provider-gate}.test.ts',
      'test/search/fuse.test.ts',
    ],
  },
})
