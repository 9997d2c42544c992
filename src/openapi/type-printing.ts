import type { ComponentLookup } from './component-lookup.js'

/** How much of a type is shown. */
export interface Detail {
  /** Levels of objects that are opened. */
  depth: number
  maxProperties: number
  /** Members of a union. */
  maxMembers: number
  maxEnumValues: number
  /** Of the text behind a property; 0 for none. */
  commentChars: number
}

export interface PrinterOptions {
  lookup: ComponentLookup
  detail: Detail
  /** Bodies leave out what is read-only, responses what is write-only. */
  direction: 'request' | 'response'
  /** For declarations: what a component is printed as, by its pointer. */
  declaredName?: (pointer: string) => string
  /** Told the path of each part that was cut. */
  onLeftOut: (path: string) => void
  /** Shared by all that must fit together: once it is used up, printing ends early. */
  room: { chars: number }
}

/** Where a printer is. */
export interface Place {
  /** As in `expand`: `body.items`. */
  path: string
  depth: number
  /** Components being opened. */
  stack: readonly string[]
  /** Of an object: what a discriminator says of it. */
  kind?: Kind | undefined
}

/** One of the kinds that a discriminator tells apart. */
export interface Kind {
  /** The property that tells, and its value here. */
  property: string
  value: string
  /** Shown beside it for all kinds, so not again. */
  shared: ReadonlySet<string>
}
