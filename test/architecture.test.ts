import { readdir, readFile } from 'node:fs/promises'
import { dirname, join, normalize, relative } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, test } from 'vitest'

const SRC = fileURLToPath(new URL('../src/', import.meta.url))

/** Top to bottom: a room may import from its own and from those below; rooms on one line not each other. */
const FLOORS = [
  ['main'],
  ['cli'],
  ['http'],
  ['mcp'],
  ['app'],
  ['search'],
  ['embedding'],
  ['catalog'],
  ['openapi', 'queue'],
  ['db'],
  ['config', 'log', 'metrics'],
  ['setting'],
  ['errors'],
]

const floorOf = new Map(FLOORS.flatMap((rooms, floor) => rooms.map((room) => [room, floor])))

interface Import {
  from: string
  to: string
}

async function importsOfSources(): Promise<Import[]> {
  const files = (await readdir(SRC, { recursive: true })).filter((file) => file.endsWith('.ts'))
  const imports = await Promise.all(
    files.map(async (from) => {
      const text = await readFile(join(SRC, from), 'utf8')
      const paths = text.matchAll(/(?:from|import\()\s*'(\.[^']+)'|new URL\('(\.[^']+\.js)'/g)
      return [...paths].map((match) => ({
        from,
        to: relative(SRC, normalize(join(SRC, dirname(from), match[1] ?? match[2] ?? ''))),
      }))
    }),
  )
  return imports.flat()
}

function roomOf(file: string): string {
  return (file.split('/')[0] ?? '').replace(/\.[jt]s$/, '')
}

test('imports point down only', async () => {
  const imports = await importsOfSources()
  expect(imports.length).toBeGreaterThan(100)
  const upwards = imports.filter(({ from, to }) => {
    const [here, there] = [roomOf(from), roomOf(to)]
    return here !== there && (floorOf.get(there) ?? -1) <= (floorOf.get(here) ?? -1)
  })
  expect(upwards).toEqual([])
})

test('every room has its floor', async () => {
  const rooms = (await importsOfSources()).map(({ from }) => roomOf(from))
  expect([...new Set(rooms)].filter((room) => !floorOf.has(room))).toEqual([])
})

test('MCP is known only in mcp, and openapi does no I/O', async () => {
  const files = (await readdir(SRC, { recursive: true })).filter((file) => file.endsWith('.ts'))
  for (const file of files) {
    const text = await readFile(join(SRC, file), 'utf8')
    if (roomOf(file) !== 'mcp') expect(text, file).not.toMatch(/from '@modelcontextprotocol/)
    if (roomOf(file) === 'openapi') {
      expect(text, file).not.toMatch(/from 'node:(fs|http|https|net|child_process|dns)/)
    }
  }
})

/** What is read at once with a file, not what is imported for its types or when it is needed. */
async function loadedWith(file: string, known = new Set<string>()): Promise<Set<string>> {
  known.add(file)
  const text = await readFile(join(SRC, file), 'utf8')
  const statements = text.matchAll(/^(?:import|export) (?!type )[^;'"]*?from '([^']+)'/gm)
  for (const [, path = ''] of statements) {
    if (!path.startsWith('.')) known.add(path)
    else {
      const next = relative(SRC, join(SRC, dirname(file), path)).replace(/\.js$/, '.ts')
      if (!known.has(next)) await loadedWith(next, known)
    }
  }
  return known
}

test.each([
  ['serving over stdio', 'cli/commands/serve-stdio.ts', 'mcp/serve-stdio.ts'],
  ['a command', 'cli/commands/read.ts', 'app/app.ts'],
])('%s loads nothing that only others need', async (_, file, needed) => {
  const loaded = [...(await loadedWith(file))]
  expect(loaded).toContain(needed)
  expect(
    loaded.filter((one) => /^(?:http\/|hono|undici$|pg$|tar$|db\/postgres\.ts)/.test(one)),
  ).toEqual([])
})
