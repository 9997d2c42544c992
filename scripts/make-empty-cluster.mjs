// Makes the empty database that new data directories begin with (docs/decisions/0009-empty-cluster.md):
// `npm run build` does, once for each version of PGlite.
import { createRequire } from 'node:module'
import { mkdir, mkdtemp, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { brotliCompressSync, constants } from 'node:zlib'
import { PGlite } from '@electric-sql/pglite'
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
    await writeFile(`${EMPTY_CLUSTER}.new`, brotliCompressSync(tar, { params }))
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
