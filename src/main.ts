#!/usr/bin/env node
import { runCli } from './cli/cli.js'

// `… | head` has read enough: what the command does is done all the same.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error
})

process.exitCode = await runCli(process.argv.slice(2))
