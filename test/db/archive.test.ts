import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, gunzipSync } from 'node:zlib'
import { Header } from 'tar'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { pack, unpack } from '../../src/db/embedded/archive.js'

let scratch: string

beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'api-catalog-archive-'))
})

afterAll(() => rm(scratch, { recursive: true, force: true }))

/** Whether the library, asked to find out, would read these bytes as a tar. */
function looksLikeTar(bytes: Buffer): boolean {
  try {
    const header = new Header(bytes.subarray(0, 512))
    return header instanceof Header
  } catch {
    return false
  }
}

/** A tar of one file with these bytes, in brotli. */
async function archiveOf(bytes: string): Promise<Buffer> {
  const from = await mkdtemp(join(scratch, 'from-'))
  const file = join(scratch, 'archive.tar.gz')
  await writeFile(join(from, 'file'), bytes)
  await writeFile(file, '')
  await pack(from, file)
  return brotliCompressSync(gunzipSync(await readFile(file)))
}

test('an archive in brotli is unpacked, also one that looks like a tar', async () => {
  let found: { text: string; archive: Buffer } | undefined
  for (let seed = 0; !found && seed < 3_000; seed++) {
    // Numbers that no compressor makes small, so that the first block is filled.
    const text = Array.from({ length: 400 }, (_, n) => Math.sin(seed * 1_000 + n)).join('')
    const archive = await archiveOf(text)
    if (looksLikeTar(archive)) found = { text, archive }
  }
  const { text, archive } = found!
  await writeFile(join(scratch, 'odd.tar.br'), archive)
  unpack(join(scratch, 'odd.tar.br'), join(scratch, 'to'))
  expect(await readFile(join(scratch, 'to', 'file'), 'utf8')).toBe(text)
})
