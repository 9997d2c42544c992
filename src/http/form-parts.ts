import { InputError } from '../errors.js'

/** Our forms have five fields. Each part is an object before anybody can count them. */
const MOST_PARTS = 20

/** Throws InputError for a `multipart/form-data` body of more parts than any of our forms has. */
export function checkFormParts(body: Uint8Array, type: string): void {
  const boundary = /^multipart\/form-data\b.*?\bboundary="?([^";]+)/i.exec(type)?.[1]
  if (boundary === undefined) return
  const bytes = Buffer.from(body.buffer, body.byteOffset, body.byteLength)
  let parts = 0
  for (let at = bytes.indexOf(boundary); at !== -1; at = bytes.indexOf(boundary, at + 1)) {
    if (++parts > MOST_PARTS) throw new InputError(`A form has at most ${MOST_PARTS} fields here.`)
  }
}
