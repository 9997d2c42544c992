import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { fileURLToPath } from 'node:url'
import { CORE_SCHEMA, load, loadAll, mergeTag } from 'js-yaml'
import { expect, test } from 'vitest'
import { readConfig, settingRows } from '../../src/config.js'

const root = new URL('../../', import.meta.url)
const read = (file: string) => readFile(new URL(file, root), 'utf8')

/** What is left of a stop once runs have ended or been cut off: `STOP_MS` of the command `serve`. */
const STOP_SECONDS = 1

interface Container {
  image: string
  args: string[]
  env: { name: string; value: string }[]
  lifecycle?: { preStop: { exec: { command: string[] } } }
  resources: { limits: { memory: string } }
}
interface Deployment {
  kind: string
  metadata: { name: string }
  spec: {
    template: { spec: { terminationGracePeriodSeconds: number; containers: [Container] } }
  }
}
interface Compose {
  services: Record<
    string,
    { image: string; environment?: Record<string, string>; stop_grace_period?: string }
  >
}
interface Package {
  identifier: string
  version: string
  environmentVariables: { name: string }[]
}
interface Registry {
  name: string
  description: string
  version: string
  packages: Package[]
}

const manifest = JSON.parse(await read('package.json')) as Record<string, string>
const registry = JSON.parse(await read('server.json')) as Registry
const compose = load(await read('compose.yaml'), {
  schema: CORE_SCHEMA.withTags(mergeTag),
}) as Compose
const deployments = await readDeployments()
const settings = new Set(settingRows.map(({ env }) => env))

test('the registry is told of this package by its name, its version and an MCP name', () => {
  expect(registry.name).toBe(manifest['mcpName'])
  expect(registry.name).toMatch(/^[a-zA-Z0-9.-]+\/[a-zA-Z0-9._-]+$/)
  expect(registry.description.length).toBeLessThanOrEqual(100)
  expect(registry.version).toBe(manifest['version'])
  expect(registry.packages).toMatchObject([
    { registryType: 'npm', identifier: manifest['name'], version: manifest['version'] },
  ])
})

test('the image is labelled with the same MCP name and version', async () => {
  const dockerfile = await read('Dockerfile')
  expect(dockerfile).toContain(`io.modelcontextprotocol.server.name="${manifest['mcpName']}"`)
  expect(dockerfile).toContain(`org.opencontainers.image.version="${manifest['version']}"`)
})

test('compose and manifests run this version, with settings that there are', async () => {
  const version = manifest['version']
  const images = Object.values(compose.services).map(({ image }) => image)
  expect(images.filter((image) => image.startsWith('api-catalog-mcp'))).toEqual([
    `api-catalog-mcp:${version}`,
    `api-catalog-mcp:${version}`,
  ])
  const { images: tags } = load(await read('deploy/kubernetes/kustomization.yaml')) as {
    images: unknown
  }
  expect(tags).toEqual([{ name: 'api-catalog-mcp', newTag: version }])
  const named = [
    ...Object.keys(compose.services['api-catalog']?.environment ?? {}),
    ...deployments.flatMap(({ env }) => env.map(({ name }) => name)),
    ...registry.packages.flatMap(({ environmentVariables }) =>
      environmentVariables.map(({ name }) => name),
    ),
  ]
  expect(named.filter((name) => !settings.has(name))).toEqual([])
  expect(named.length).toBeGreaterThan(8)
})

test('everything that is deployed may stop for longer than it drains', () => {
  for (const { name, env, grace, pause } of deployments) {
    expect(grace, name).toBeGreaterThan(pause + drainSeconds(valuesOf(env)) + STOP_SECONDS)
  }
  for (const name of ['api-catalog', 'worker']) {
    const { environment = {}, stop_grace_period: grace = '' } = compose.services[name]!
    expect(Number.parseInt(grace), name).toBeGreaterThan(drainSeconds(environment) + STOP_SECONDS)
  }
})

test('reading a document takes no more memory than its container has', () => {
  for (const { env, memory } of deployments.filter(({ name }) => name === 'api-catalog')) {
    expect(readConfig({}, valuesOf(env)).parseMemoryMb).toBeLessThan(Number.parseInt(memory))
  }
})

test('compose says which secret is missing', async () => {
  const text = await read('compose.yaml')
  expect(text).toContain('${API_CATALOG_KEYS:?')
  expect(text).not.toMatch(/\$\{(?:API_CATALOG_KEYS|POSTGRES_PASSWORD)\}/)
})

test('the health check tells a server that answers from one that does not', async () => {
  const check = fileURLToPath(new URL('deploy/healthcheck.mjs', root))
  const run = promisify(execFile)
  // Of a process without --http, as this one is, there is nothing to ask.
  await expect(run(process.execPath, [check, String(process.pid)])).resolves.toBeDefined()
  const closed = ['-e', 'setInterval(() => {}, 1e6)', '--', '--http', '127.0.0.1:1']
  const silent = execFile(process.execPath, closed)
  try {
    await expect(run(process.execPath, [check, String(silent.pid)])).rejects.toThrow('fetch failed')
  } finally {
    silent.kill('SIGKILL')
  }
})

function drainSeconds(environment: Record<string, string>): number {
  const { API_CATALOG_DRAIN_MS } = environment
  return readConfig({}, { API_CATALOG_DRAIN_MS }).drainMs / 1_000
}

function valuesOf(env: { name: string; value: string }[]): Record<string, string> {
  return Object.fromEntries(env.map(({ name, value }) => [name, value]))
}

async function readDeployments() {
  const folder = new URL('deploy/kubernetes/', root)
  const texts = await Promise.all((await readdir(folder)).map((file) => read(folder.href + file)))
  const documents = texts.flatMap((text) => loadAll(text) as Deployment[])
  return documents
    .filter(({ kind }) => kind === 'Deployment')
    .map(({ metadata, spec: { template } }) => {
      const { terminationGracePeriodSeconds: grace, containers } = template.spec
      const [{ env, lifecycle, resources }] = containers
      const pause = Number(lifecycle?.preStop.exec.command[1] ?? 0)
      return { name: metadata.name, env, grace, pause, memory: resources.limits.memory }
    })
}
