import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core'
import { afterAll, expect } from 'vitest'

const require = createRequire(import.meta.url)
const AXE = require.resolve('axe-core/axe.min.js')
const CHROMIUM = process.env['CHROMIUM'] ?? '/usr/bin/chromium'

/** Where there is no browser its tests are skipped, and say so. */
export const hasBrowser = existsSync(CHROMIUM)
if (!hasBrowser) {
  process.stderr.write(`No browser at ${CHROMIUM}: tests of the page are skipped. Set CHROMIUM.\n`)
}

/** The page is used on machines that are busy, and tests run on such ones. */
const PATIENCE_MS = 12_000

let browser: Promise<Browser> | undefined

afterAll(async () => {
  await (await browser)?.close()
})

/** A page of a browser, with all that went wrong in it. */
export interface Visit {
  page: Page
  /** Breaches of the page's policy, errors of scripts, and requests to other hosts. */
  faults: string[]
}

/** Opens a page in a browser window of its own: without cookies, and with what is asked for. */
export async function visit(url: string, options: BrowserContextOptions = {}): Promise<Visit> {
  browser ??= chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] })
  const context = await (await browser).newContext(options)
  context.setDefaultTimeout(PATIENCE_MS)
  const page = await context.newPage()
  const faults: string[] = []
  page.on('pageerror', (error) => faults.push(`error: ${error.message}`))
  page.on('dialog', (dialog) => {
    faults.push(`dialog: ${dialog.message()}`)
    void dialog.dismiss()
  })
  page.on('console', (message) => {
    if (/Content Security Policy|violates/i.test(message.text())) faults.push(message.text())
  })
  const { host } = new URL(url)
  page.on('request', (request) => {
    const asked = new URL(request.url())
    if (asked.protocol !== 'data:' && asked.host !== host) faults.push(`request: ${asked.href}`)
  })
  if (options.javaScriptEnabled !== false) {
    await page.exposeFunction('onBreach', (breach: string) => faults.push(`policy: ${breach}`))
    await page.addInitScript(
      `document.addEventListener('securitypolicyviolation', (event) =>
         onBreach(event.violatedDirective + ' ' + event.blockedURI))`,
    )
  }
  await page.goto(url)
  return { page, faults }
}

/** Waits until some text of the page is like this. */
export function expectText(page: Page, selector: string, timeout = PATIENCE_MS) {
  return expect.poll(async () => (await page.locator(selector).allInnerTexts()).join('\n'), {
    timeout,
  })
}

/** What axe finds that keeps somebody from using the page. */
export async function troubles(page: Page): Promise<string[]> {
  // Past the policy of the page, which would let no test's script in.
  await page.evaluate(await readFile(AXE, 'utf8'))
  return page.evaluate(`axe.run().then(({ violations }) => violations
    .filter(({ impact }) => impact === 'serious' || impact === 'critical')
    .flatMap(({ id, nodes }) => nodes.map(({ html }) => id + ' ' + html.slice(0, 200))))`)
}
