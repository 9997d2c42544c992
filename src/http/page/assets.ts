import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { Hono } from 'hono'
import { compress } from 'hono/compress'
import type { HttpEnv } from '../http-env.js'

/** Files that the build lays beside this one, by the names that the layout calls them. */
const FILES = {
  pico: { file: 'pico.css', type: 'text/css; charset=utf-8' },
  style: { file: 'page.css', type: 'text/css; charset=utf-8' },
  htmx: { file: 'htmx.js', type: 'text/javascript; charset=utf-8' },
  icon: { file: 'icon.svg', type: 'image/svg+xml' },
} as const

interface Asset {
  /** Has a hash of the content in it, so that browsers may keep it for ever. */
  path: string
  type: string
  content: string
}

const assets = Object.fromEntries(
  Object.entries(FILES).map(([name, { file, type }]) => [name, readAsset(file, type)]),
) as Record<keyof typeof FILES, Asset>

/** Where a file of the page is. */
export function assetPath(name: keyof typeof FILES): string {
  return assets[name].path
}

/** Styles, scripts and the icon of the page; they are the same for all and need no key. */
export function assetRoutes(): Hono<HttpEnv> {
  const byPath = new Map(Object.values(assets).map((asset) => [asset.path, asset]))
  return new Hono<HttpEnv>().get('/assets/:name', compress(), (c) => {
    const asset = byPath.get(c.req.path)
    if (!asset) return c.notFound()
    return c.body(asset.content, 200, {
      'content-type': asset.type,
      'cache-control': 'public, max-age=31536000, immutable',
    })
  })
}

function readAsset(file: string, type: string): Asset {
  const content = readFileSync(new URL(`assets/${file}`, import.meta.url), 'utf8')
  const hash = createHash('sha256').update(content).digest('hex').slice(0, 12)
  return { path: `/assets/${file.replace('.', `.${hash}.`)}`, type, content }
}
