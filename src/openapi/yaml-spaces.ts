import type { WarningList } from './warning-list.js'

/** Colours of a terminal. */
// oxlint-disable-next-line no-control-regex -- they begin with one
const COLOURS = /\u001B\[[\d;]{0,20}m/g
/** What YAML takes for no character of a text, but for lone surrogates: no decoded text has any. */
// oxlint-disable-next-line no-control-regex -- it is about them
const UNSHOWN = /[\0-\b\v\f\u000E-\u001F\u007F-\u0084\u0086-\u009F\uFFFE\uFFFF]/g
/** Copied from a page, lines are indented by these. */
const HARD_SPACES = /^[ \u00A0]*\u00A0[ \u00A0]*/gm

/** Whether YAML refuses a text for its control characters, wherever they stand. */
export function hasControls(text: string): boolean {
  return text.search(UNSHOWN) !== -1
}

/** A text without control characters. */
export function withoutControls(text: string, warnings: WarningList): string {
  warnings.add('CONTROL_CHARS', '', 'The document holds control characters. They were left out.')
  return text.replace(COLOURS, '').replace(UNSHOWN, '')
}

/** A text of which lines are indented by plain spaces. */
export function withPlainIndents(text: string, warnings: WarningList): string {
  if (!text.includes('\u00A0') || text.search(HARD_SPACES) === -1) return text
  const message = 'Lines are indented by no-break spaces, which were read as spaces.'
  warnings.add('BAD_ENCODING', '', message)
  return text.replace(HARD_SPACES, (run) => ' '.repeat(run.length))
}

/** What to look for at a fault of YAML; both from 1. Empty where there is nothing to say. */
export function faultHint(text: string, reason: string, line: number, column: number): string {
  const written = text.split('\n', line)[line - 1] ?? ''
  if (/^\s*\t|:\s*\t/.test(written)) return ' (YAML is indented by spaces, and here is a tab)'
  // The reader says so too of what is left over in a line, whose indentation is right.
  const isLeftOver = reason.startsWith('bad indentation') && /\S/.test(written.slice(0, column - 1))
  return isLeftOver
    ? ' (a text with ": " in it, or that begins with @ ` % * [ or {, needs quotes)'
    : ''
}
