import { Command, CommanderError, InvalidArgumentError, Option } from 'commander'
import { version } from '../app/version.js'
import { settingRows } from '../config.js'
import { InputError, messageOf, UnavailableError, UsageError } from '../errors.js'
import { inCommands } from './command-words.js'
import type { ServeOptions } from './commands/serve.js'
import type { EvalOptions } from './eval/evaluate.js'
import type { Flags } from './run-command.js'

/**
 * Runs a command line (without node and script) and gives the exit code: 0 done, 1 failed, with
 * one sentence on stderr, 2 not understood.
 */
export async function runCli(args: readonly string[]): Promise<number> {
  const program = createProgram()
  try {
    await program.parseAsync(withCommand(args), { from: 'user' })
    return 0
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : 2
    if (isDebug(program)) process.stderr.write(`${(error as Error).stack}\n`)
    else process.stderr.write(`${sentence(error)}\n`)
    return error instanceof UsageError ? 2 : 1
  }
}

/** Flags of `serve`, which need not be named. */
const SERVE_FLAGS = new Set(['--no-worker', '--worker-only', '--allow-private-urls'])
/** Flags that take no value and may stand where no command does. */
const BARE_FLAGS = new Set([...SERVE_FLAGS, '--help', '-h', '--version', '-V'])

/** `serve` where no command is named, as MCP clients start it. */
function withCommand(args: readonly string[]): readonly string[] {
  for (let at = 0; at < args.length; at++) {
    const arg = args[at] ?? ''
    if (!arg.startsWith('-') || BARE_FLAGS.has(arg)) {
      return SERVE_FLAGS.has(arg) ? ['serve', ...args] : args
    }
    if (!arg.includes('=')) at++
  }
  return ['serve', ...args]
}

function sentence(error: unknown): string {
  if (error instanceof InputError || error instanceof UnavailableError) {
    return inCommands(error.message)
  }
  return `Something went wrong: ${messageOf(error)} (--log-level debug shows where).`
}

function isDebug(program: Command): boolean {
  const level = program.opts<{ logLevel?: string }>().logLevel
  return ['debug', 'trace'].includes(level ?? process.env['API_CATALOG_LOG_LEVEL'] ?? '')
}

function createProgram(): Command {
  const program = new Command('api-catalog-mcp')
    .description('MCP server that finds the right API operation among tens of thousands.')
    .version(version)
    .exitOverride()
    .showSuggestionAfterError()
    .addHelpText('after', settingsHelp())
  // Settings are flags of every command; they have a section of their own in the help.
  for (const { flag } of settingRows) program.addOption(new Option(`${flag} <value>`).hideHelp())
  addServe(program)
  addCatalogCommands(program)
  addRevisionCommands(program)
  addEmbeddingCommands(program)
  addMaintenanceCommands(program)
  return program
}

function settingsHelp(): string {
  const rows = settingRows.map(
    ({ flag, env, help, default: fallback }) =>
      `  ${flag.padEnd(22)}${env.padEnd(32)}${help} (${fallback})`,
  )
  return [
    '',
    'Settings, for every command (a flag beats the environment, that the default):',
    ...rows,
  ].join('\n')
}

/** The settings given as flags, by name without dashes. */
function flagsOf(command: Command): Flags {
  const options = command.optsWithGlobals<Record<string, string>>()
  return Object.fromEntries(
    settingRows.map(({ flag }) => {
      const name = flag.slice(2)
      return [name, options[name.replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase())]]
    }),
  )
}

function addServe(program: Command): void {
  program
    .command('serve')
    .description('serve MCP over stdio (the default) or HTTP')
    .option(
      '--http <[host:]port>',
      'serve over HTTP instead: MCP, REST and a page; see docs/http.md',
    )
    .option('--no-worker', 'search only: embed nothing in this process')
    .option('--refresh-every <period>', 'keep specs from URLs up to date: 30m, 6h, 1d', period)
    .option('--allow-private-urls', `${PRIVATE_HELP}; with --http, for callers too`)
    .addOption(
      new Option('--worker-only', 'embed only: no MCP, until SIGINT or SIGTERM').conflicts(
        'worker',
      ),
    )
    .action(async (options: ServeOptions & { workerOnly?: boolean }, command: Command) => {
      const flags = flagsOf(command)
      const { http, workerOnly } = options
      if (!workerOnly && http === undefined) {
        const { serveStdio } = await import('./commands/serve-stdio.js')
        return await serveStdio(flags, options)
      }
      const { serveHttp, serveWorkerOnly } = await import('./commands/serve-http.js')
      if (workerOnly) await serveWorkerOnly(flags, http)
      else if (http !== undefined) await serveHttp(flags, { ...options, http })
    })
}

function addCatalogCommands(program: Command): void {
  const read = () => import('./commands/read.js')
  program
    .command('upload <file|dir|glob|url|-...>')
    .description('add OpenAPI documents; - reads standard input')
    .option('--catalog <name>', 'catalog to add to')
    .option('--name <name>', 'name of the spec')
    .option('--wait', 'embed before returning')
    .option('--header <line>', HEADER_HELP, collected)
    .option('--allow-private-urls', PRIVATE_HELP)
    .option('--json', 'one JSON object a line')
    .action(async (inputs: string[], options: object, command: Command) => {
      const { upload } = await import('./commands/upload.js')
      await upload(flagsOf(command), inputs, options)
    })
  program
    .command('search <words...>')
    .description('find operations')
    .option('--catalog <name>', 'in one catalog')
    .option('--spec <name>', 'in one spec, [catalog/]spec')
    .option('--method <method>', 'with this HTTP method')
    .option('--tag <tag>', 'with this tag')
    .option('--path-prefix <prefix>', 'whose path begins so')
    .option('--effect <effect>', 'read, write or destructive')
    .option('--limit <n>', 'hits at most', wholeNumber)
    .option('--cursor <cursor>', 'go on where the last answer ended')
    .option('--ranking <ranking>', 'auto, hybrid, lexical or semantic')
    .option('--explain', 'why each was found, with --json')
    .option('--json', 'print the facts as JSON')
    .action(async (words: string[], options: object, command: Command) =>
      (await read()).search(flagsOf(command), words, options),
    )
  program
    .command('get <id...>')
    .description('show how to call operations, by any form of their id')
    .option('--include <part...>', 'show more: errors, examples, schema, curl or typescript')
    .option('--expand <part>', 'show a part that was cut, like body.items.owner')
    .option('--max-tokens <n>', 'of the text', wholeNumber)
    .option('--json', 'print the facts as JSON')
    .action(async (ids: string[], options: object, command: Command) =>
      (await read()).get(flagsOf(command), ids, options),
    )
  program
    .command('list')
    .description('show catalogs and specs')
    .option('--catalog <name>', 'one catalog')
    .option('--json', 'print the facts as JSON')
    .action(async (options: object, command: Command) =>
      (await read()).list(flagsOf(command), options),
    )
  program
    .command('warnings <spec>')
    .description('show what is wrong with a document, [catalog/]spec')
    .option('--json', 'print the facts as JSON')
    .action(async (spec: string, options: object, command: Command) =>
      (await read()).warnings(flagsOf(command), spec, options),
    )
  program
    .command('delete <spec>')
    .description('remove a spec, [catalog/]spec, or a catalog, catalog/')
    .option('--force', 'a catalog with all its specs')
    .option('--json', 'print the facts as JSON')
    .action(async (spec: string, options: object, command: Command) =>
      (await read()).remove(flagsOf(command), spec, options),
    )
}

function addEmbeddingCommands(program: Command): void {
  const embed = () => import('./commands/embed.js')
  program
    .command('status')
    .description('show how far specs are embedded')
    .option('--watch', 'redraw every second')
    .option('--catalog <name>', 'of one catalog')
    .option('--spec <name>', 'of one spec, [catalog/]spec')
    .option('--jobs <n>', 'show the newest n jobs', wholeNumber)
    .option('--job-status <status>', 'jobs that are pending, running, succeeded or failed')
    .option('--cursor <cursor>', 'the next page of jobs')
    .option('--json', 'print the facts as JSON')
    .action(async (options: object, command: Command) => {
      const { status } = await import('./commands/read.js')
      await status(flagsOf(command), options)
    })
  program
    .command('reembed [spec]')
    .description('embed a spec again, [catalog/]spec')
    .option('--all', "every spec, with this process's embedder")
    .option('--json', 'print the facts as JSON')
    .action(async (spec: string | undefined, options: object, command: Command) =>
      (await embed()).reembed(flagsOf(command), spec, options),
    )
  program
    .command('backfill')
    .description('embed all that is missing, and wait for it')
    .option('--json', 'print the facts as JSON')
    .action(async (options: object, command: Command) =>
      (await embed()).backfill(flagsOf(command), options),
    )
}

function addMaintenanceCommands(program: Command): void {
  const maintain = () => import('./commands/maintain.js')
  program
    .command('eval')
    .description('measure search on labelled questions')
    .requiredOption('--queries <file>', 'questions and their operations, one JSON object a line')
    .requiredOption('--specs <dir>', 'the documents they are asked of')
    .option('--buried <dir>', 'more documents, to bury them in')
    .option('--exclude <file>', 'regular expressions: buried documents to leave out')
    .option('--blank-gold-summaries', 'for questions that are the summaries of their answers')
    .option('--ranking <ranking>', 'auto, hybrid, lexical or semantic', 'auto')
    .option('--limit <n>', 'operations ranked per question', wholeNumber, 20)
    .option('--run <file>', 'write the rankings, one JSON object a line')
    .option('--json', 'print the facts as JSON')
    .action(async (options: EvalOptions, command: Command) => {
      const { evaluate } = await import('./eval/evaluate.js')
      await evaluate(flagsOf(command), options)
    })
  program
    .command('migrate')
    .description('bring the database schema up to date')
    .option('--allow-destructive', 'also run migrations that remove data')
    .action(async (options: object, command: Command) =>
      (await maintain()).migrateDatabase(flagsOf(command), options),
    )
  program
    .command('doctor')
    .description('check settings, database and embedder')
    .option('--json', 'print the facts as JSON')
    .action(async (options: object, command: Command) => {
      const { doctor } = await import('./commands/doctor.js')
      await doctor(flagsOf(command), options)
    })
  program
    .command('backup <file>')
    .description('write the embedded database to a file, also while servers run')
    .action(async (file: string, _: object, command: Command) =>
      (await maintain()).backupTo(flagsOf(command), file),
    )
  program
    .command('restore <file>')
    .description('make the embedded database from a backup')
    .option('--force', 'replace what is in the data directory')
    .action(async (file: string, options: object, command: Command) =>
      (await maintain()).restoreFrom(flagsOf(command), file, options),
    )
}

const HEADER_HELP = "sent to URLs, may be repeated: 'Authorization: Bearer ${TOKEN}'"
const PRIVATE_HELP = 'fetch from private and loopback addresses too'

function addRevisionCommands(program: Command): void {
  const revisions = () => import('./commands/revisions.js')
  program
    .command('refresh [spec]')
    .description('ask the URL of a spec, [catalog/]spec, whether its document changed')
    .option('--all', 'every spec that came from a URL')
    .option('--catalog <name>', 'those of one catalog')
    .option('--allow-private-urls', PRIVATE_HELP)
    .option('--json', 'print the facts as JSON')
    .action(async (spec: string | undefined, options: object, command: Command) =>
      (await revisions()).refresh(flagsOf(command), spec, options),
    )
  program
    .command('diff <spec> [from] [to]')
    .description('what changed between two revisions, and what breaks clients')
    .option('--cursor <cursor>', 'go on where the last answer ended')
    .option('--max-tokens <n>', 'of the text', wholeNumber)
    .option('--json', 'print the facts as JSON')
    .action(async (spec: string, from: string, to: string, options: object, command: Command) =>
      (await revisions()).diff(flagsOf(command), spec, [from, to], options),
    )
  program
    .command('revisions <spec>')
    .description('list the kept revisions of a spec')
    .option('--json', 'print the facts as JSON')
    .action(async (spec: string, options: object, command: Command) =>
      (await revisions()).revisions(flagsOf(command), spec, options),
    )
  program
    .command('rollback <spec> <revision>')
    .description('make an older revision the current one again')
    .option('--json', 'print the facts as JSON')
    .action(async (spec: string, revision: string, options: object, command: Command) =>
      (await revisions()).rollback(flagsOf(command), spec, revision, options),
    )
  program
    .command('clone <from> <to>')
    .description('copy a spec, [catalog/]spec, or a catalog, catalog/; nothing is embedded again')
    .option('--json', 'print the facts as JSON')
    .action(async (from: string, to: string, options: object, command: Command) =>
      (await revisions()).clone(flagsOf(command), from, to, options),
    )
}

function collected(line: string, before: string[] = []): string[] {
  return [...before, line]
}

const PERIOD_MS = { s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** `30m`, `6h`, `1d` in milliseconds: from 10 seconds to 30 days. */
function period(text: string): number {
  const [, count, unit] = /^(\d{1,6})([smhd])$/.exec(text) ?? []
  const ms = Number(count) * PERIOD_MS[unit as keyof typeof PERIOD_MS]
  if (ms >= 10_000 && ms <= 30 * PERIOD_MS.d) return ms
  throw new InvalidArgumentError('It must be a time from 10s to 30d, like 30m, 6h or 1d.')
}

function wholeNumber(text: string): number {
  if (/^\d+$/.test(text)) return Number(text)
  throw new InvalidArgumentError('It must be a whole number.')
}
