import { execFile, execFileSync } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { expect, onTestFinished, test } from 'vitest'
import { openHttpServer } from '../setup/http-server.js'
import { storageSettings } from '../setup/server.js'

/** Since 7.82 (2022) curl knows --json. */
const hasCurl = (() => {
  try {
    return execFileSync('curl', ['--help', 'all'], { encoding: 'utf8' }).includes('--json')
  } catch {
    return false
  }
})()

/** Some twenty processes, on machines that are shared. */
const TIMEOUT = 180_000

test.skipIf(!hasCurl)(
  'every command of docs/rest.md works, one after the other',
  async () => {
    await using server = await openHttpServer(
      { ...(await storageSettings()), API_CATALOG_EMBEDDER: 'bundled' },
      { worker: true },
    )
    const page = await readFile(new URL('../../docs/rest.md', import.meta.url), 'utf8')
    const commands = [...page.matchAll(/```sh\n(.*?)```/gs)].flatMap(([, block = '']) =>
      block.trim().split('\n'),
    )
    expect(commands.length).toBeGreaterThan(15)
    const [address, ...calls] = commands
    expect(address).toBe('CATALOG=http://127.0.0.1:3000')
    const directory = await mkdtemp(join(tmpdir(), 'api-catalog-docs-'))
    onTestFinished(() => rm(directory, { recursive: true }))
    const answers = new Map<string, string>()
    for (const call of calls) {
      const { stdout } = await promisify(execFile)('bash', ['-o', 'pipefail', '-ec', call], {
        cwd: directory,
        env: { ...process.env, CATALOG: server.url },
      })
      answers.set(call, stdout)
    }
    const answerTo = (part: string) =>
      JSON.parse([...answers].findLast(([call]) => call.includes(part))?.[1] ?? '{}') as object
    expect(answerTo('--data-urlencode')).toMatchObject({
      results: expect.arrayContaining([expect.objectContaining({ id: 'api-catalog:reembedSpec' })]),
    })
    expect(answerTo('revision=1"')).toMatchObject({ outcome: 'revised', revision: 3 })
    expect(answerTo('/diff')).toMatchObject({ from: 1, to: 2, changed: [expect.anything()] })
    expect(answerTo('embedding-jobs')).toMatchObject({
      jobs: expect.arrayContaining([expect.objectContaining({ kind: 'manual_retry' })]),
    })
  },
  TIMEOUT,
)
