import { defineConfig } from 'vitest/config'
import base from '../../vitest.config.js'

/** `npm run conformance`: fetches the suites from the registry, so it is no part of `npm test`. */
export default defineConfig({
  ...base,
  root: new URL('../..', import.meta.url).pathname,
  test: {
    ...base.test,
    include: ['test/conformance/*.suite.ts'],
    testTimeout: 600_000,
    disableConsoleIntercept: true,
  },
})
