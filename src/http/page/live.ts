import { html, type Html } from './html.js'

/**
 * A part of a page that follows what happens: it is read again when the server tells of a change,
 * each time the stream is lost or cannot be had again, and else every 15 seconds, for proxies that
 * let no streams through. What stays the same stays where it is, focus and all.
 */
const TRIGGERS = [
  'open from:#stream',
  'specs from:#stream throttle:1s',
  'htmx:sse:error from:#stream',
  'every 15s',
].join(', ')

/** `path` is where the page is that this is a part of. */
export function live(path: string, body: Html): Html {
  return html`<div
      id="stream"
      hidden
      hx-sse:connect="/api/v1/events"
      hx-status:4xx="swap:none"
      hx-status:5xx="swap:none"
    ></div>
    <div
      id="live"
      hx-get="${path}"
      hx-trigger="${TRIGGERS}"
      hx-select="#live"
      hx-swap="outerMorph"
      hx-status:4xx="swap:none"
      hx-status:5xx="swap:none"
    >
      ${body}
    </div>`
}
