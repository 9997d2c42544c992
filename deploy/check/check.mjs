// Checks what is deployed against what others say it must look like:
//   npm --prefix deploy/check ci && npm --prefix deploy/check run check
// Dockerfile: a linter. compose.yaml: the schema of the Compose specification. Manifests: Kubernetes'
// schemas for what must be there, and its types for what must not, such as a misspelt field.
// TypeScript and js-yaml are the project's own.
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { validate } from 'dockerfile-utils'
import { loadAll } from 'js-yaml'

const here = fileURLToPath(new URL('.', import.meta.url))
const project = fileURLToPath(new URL('../..', import.meta.url))
const manifests = join(project, 'deploy/kubernetes')
const require = createRequire(import.meta.url)

const faults = [...inDockerfile(), ...inCompose(), ...inManifests()]
const said = [...faults, `Dockerfile, compose.yaml and manifests: ${faults.length} faults`]
process.stdout.write(`${said.join('\n')}\n`)
process.exitCode = faults.length === 0 ? 0 : 1

function inDockerfile() {
  const text = readFileSync(join(project, 'Dockerfile'), 'utf8')
  return validate(text).map(
    ({ message, range }) => `Dockerfile:${range.start.line + 1}: ${JSON.stringify(message)}`,
  )
}

function inCompose() {
  return faultsOf('compose.yaml', join(here, 'node_modules/.bin/dclint'), [
    '--quiet',
    join(project, 'compose.yaml'),
  ])
}

function inManifests() {
  const documents = readdirSync(manifests)
    .filter((file) => file.endsWith('.yaml') && file !== 'kustomization.yaml')
    .flatMap((file) =>
      loadAll(readFileSync(join(manifests, file), 'utf8')).map((content) => ({ file, content })),
    )
  return [...documents.flatMap(missingOrWrong), ...unknownFields(documents)]
}

/** What Kubernetes' schema of the kind says is missing or of a wrong type. */
function missingOrWrong({ file, content }) {
  const { kind } = content
  const Model = require(modelOf(content))[kind]
  try {
    new Model(content).validate()
    return []
  } catch (error) {
    return [`${file}, ${kind}: ${error.message}`]
  }
}

/** Schemas let any further field pass, and so would the cluster; types do not. */
function unknownFields(documents) {
  const scratch = mkdtempSync(join(here, 'types-'))
  try {
    const lines = documents.map(({ content }, index) => {
      const { kind } = content
      const path = modelOf(content)
      return (
        `import type { I${kind} as I${index} } from '${path}'\n` +
        `export const document${index}: I${index} = ${JSON.stringify(content, null, 1)}\n`
      )
    })
    writeFileSync(join(scratch, 'manifests.ts'), lines.join('\n'))
    const options = '--ignoreConfig --noEmit --strict --skipLibCheck --module nodenext'.split(' ')
    return faultsOf('manifests', join(project, 'node_modules/.bin/tsc'), [
      ...options,
      join(scratch, 'manifests.ts'),
    ])
  } finally {
    rmSync(scratch, { recursive: true })
  }
}

function modelOf({ apiVersion, kind }) {
  return `kubernetes-models/${apiVersion}/${kind}`
}

/** What a program complains of that ends with 0 where there is nothing to say. */
function faultsOf(what, program, args) {
  try {
    execFileSync(program, args, { cwd: here })
    return []
  } catch (error) {
    return [`${what}: ${error.stdout}${error.stderr}`]
  }
}
