// Makes the empty database that new data directories begin with (docs/decisions/0009-empty-cluster.md):
// `npm run build` does, once for each version of PGlite.
import { createRequire } from 'node:module'
import { access, copyFile, mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { PGlite } from '@electric-sql/pglite'
import { unpack } from '../dist/db/embedded/archive.js'
import { EMPTY_CLUSTER } from '../dist/db/embedded/empty-cluster.js'

const pglite = createRequire(import.meta.url).resolve('@electric-sql/pglite')
const { version } = JSON.parse(await readFile(join(dirname(pglite), '../package.json'), 'utf8'))
const madeBy = `${EMPTY_CLUSTER}.version`

if ((await readFile(madeBy, 'utf8').catch(() => '')) !== version) {
  const scratch = await mkdtemp(join(tmpdir(), 'api-catalog-cluster-'))
  try {
    const tar = await makeTar(join(scratch, 'pgdata'))
    await mkdir(dirname(EMPTY_CLUSTER), { recursive: true })
    // Its three databases are alike: a window of 16 MB finds that, where gzip needs 4.5 MB.
    const params = {
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_QUALITY]: 9,
    }
    const made = join(scratch, 'made.tar.br')
    await writeFile(made, brotliCompressSync(tar, { params }))
    // Nobody could open a new data directory if it were not whole.
    unpack(made, join(scratch, 'unpacked'))
    await access(join(scratch, 'unpacked', 'PG_VERSION'))
    await copyFile(made, `${EMPTY_CLUSTER}.new`)
    await rename(`${EMPTY_CLUSTER}.new`, EMPTY_CLUSTER)
    await writeFile(madeBy, version)
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function makeTar(directory) {
  const database = await PGlite.create({ dataDir: directory })
  try {
    await database.exec('checkpoint')
    const archive = await database.dumpDataDir('none')
    return Buffer.from(await archive.arrayBuffer())
  } finally {
    await database.close()
  }
}
