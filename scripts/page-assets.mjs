// Lays the page's styles and scripts into the build. Of the libraries only the files that are served
// go along: so they are needed to build, and nobody who installs the program downloads them.
import { copyFile, cp, readFile, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'

const require = createRequire(import.meta.url)
const target = fileURLToPath(new URL('../dist/http/page/assets/', import.meta.url))

await cp(new URL('../src/http/page/assets/', import.meta.url), target, { recursive: true })
await copyFile(require.resolve('@picocss/pico/css/pico.min.css'), `${target}pico.css`)
// One file: htmx starts as soon as it can, and would start without its extension.
const htmx = await readFile(require.resolve('htmx.org/dist/htmx.min.js'), 'utf8')
const events = await readFile(require.resolve('htmx.org/dist/ext/hx-sse.min.js'), 'utf8')
await writeFile(`${target}htmx.js`, `${htmx}\n${events}`)
