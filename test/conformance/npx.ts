import { execFile } from 'node:child_process'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** Runs a program of these packages from the registry, and gives all that it printed. */
export function npx(packages: readonly string[], command: readonly string[]): Promise<string> {
  // Packages that want Node 22 get it as one of the packages; npm looks at the Node that it runs on.
  const args = ['-y', '--engine-strict=false', ...packages.flatMap((name) => ['-p', name])]
  const options = {
    maxBuffer: 64 * 1024 * 1024,
    env: { ...process.env, MCP_CATALOG_PATH: join(tmpdir(), 'mcp-inspector') },
  }
  return new Promise((resolve) => {
    execFile('npx', [...args, ...command], options, (_error, stdout, stderr) =>
      resolve(stdout + stderr),
    )
  })
}
