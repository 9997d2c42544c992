// Builds with npm what the Dockerfile builds with Docker, by doing what its lines say:
//   node scripts/build-image-tree.mjs DIRECTORY
// DIRECTORY/root is then the file system that the image adds to its base, DIRECTORY/image.json how
// it is started. Run as root, or the owner of the data directory is not as in the image.
import { execFile } from 'node:child_process'
import { cp, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { copyOf, pairsOf, readStages } from './image/dockerfile.mjs'

const run = promisify(execFile)
const project = fileURLToPath(new URL('..', import.meta.url))

const [directory] = process.argv.slice(2)
if (directory === undefined) throw new Error('usage: build-image-tree.mjs DIRECTORY')
const out = resolve(directory)
await rm(out, { recursive: true, force: true })

const sent = await sentToDocker()
const stages = await readStages(join(project, 'Dockerfile'))
const roots = new Map(
  stages.map(({ name }, index) => [name, join(out, index === stages.length - 1 ? 'root' : name)]),
)
for (const { name, instructions } of stages) {
  const image = await built(roots.get(name), instructions)
  await writeFile(join(out, 'image.json'), JSON.stringify(image, null, 2))
}
await printSizes(roots.get(stages.at(-1).name))

/** Does what a stage says in its root; gives how a container of it is started. */
async function built(root, instructions) {
  const image = { directory: '/', env: {} }
  const inside = (path) => join(root, resolve(image.directory, path))
  await mkdir(root, { recursive: true })
  for (const { word, rest } of instructions) {
    switch (word) {
      case 'WORKDIR':
        image.directory = rest
        await mkdir(inside('.'), { recursive: true })
        break
      case 'COPY':
        await copied(copyOf(rest), inside)
        break
      case 'RUN':
        console.log(`RUN ${rest}`)
        await run('sh', ['-euc', rest], { cwd: inside('.') })
        break
      case 'ENV':
        Object.assign(image.env, pairsOf(rest))
        break
      case 'ENTRYPOINT':
      case 'CMD':
        image[word.toLowerCase()] = JSON.parse(rest)
        break
      case 'USER':
        image.user = rest
        break
      case 'LABEL':
      case 'VOLUME':
      case 'EXPOSE':
      case 'STOPSIGNAL':
      case 'HEALTHCHECK':
        break // nothing of it is in the tree
      default:
        throw new Error(`The Dockerfile has ${word}, which this script does not know.`)
    }
  }
  return image
}

async function copied({ from, sources, target }, inside) {
  for (const source of sources) {
    if (from === null && !sent.has(source)) {
      throw new Error(`.dockerignore keeps ${source} from the build, which copies it.`)
    }
    const path = from === null ? join(project, source) : join(roots.get(from), source)
    const isDirectory = target.endsWith('/')
    const to = inside(isDirectory ? join(target, basename(source)) : target)
    await cp(path, to, { recursive: true, verbatimSymlinks: true })
  }
}

/** What .dockerignore lets through: it ignores everything but the lines with a `!`. */
async function sentToDocker() {
  const lines = (await readFile(join(project, '.dockerignore'), 'utf8')).split('\n')
  return new Set(lines.filter((line) => line.startsWith('!')).map((line) => line.slice(1)))
}

async function printSizes(root) {
  const { stdout } = await run(
    'sh',
    ['-c', 'du -sm . app/* | sort -rn; du -sm app/node_modules/* | sort -rn | head -8'],
    { cwd: root },
  )
  console.log(`\nMB\n${stdout}`)
}
