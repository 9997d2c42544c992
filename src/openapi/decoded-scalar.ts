import { CHOMPING_MODE, EVENT_ID, getScalarValue, type SCALAR_STYLE } from 'js-yaml'

export type Style = (typeof SCALAR_STYLE)[keyof typeof SCALAR_STYLE]
export type Chomping = (typeof CHOMPING_MODE)[keyof typeof CHOMPING_MODE]

/** What is said, in YAML, by a part of a text that is written in some style, less its quotes or head. */
export function decodedScalar(
  text: string,
  valueStart: number,
  valueEnd: number,
  style: Style,
  chomping: Chomping = CHOMPING_MODE.CLIP,
  indent = -1,
): string {
  const place = { anchorStart: -1, anchorEnd: -1, tagStart: -1, tagEnd: -1, valueStart, valueEnd }
  const type = EVENT_ID.SCALAR
  return getScalarValue(text, { type, ...place, style, chomping, indent, fast: false })
}
