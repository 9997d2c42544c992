const LINE_FEED = 0x0a
const SPACE = 0x20
const HASH = 0x23

/** Thrown on what only the library reads, or refuses in its words. */
export class NotBlockYaml extends Error {}

/** Where the reading of a text in YAML has come to: the start of a line that says something, or in it. */
export class YamlCursor {
  readonly text: string
  /** Whether a tab is anywhere. Beside quotes and blocks of text they are left to the library. */
  readonly hasTabs: boolean
  readonly colons: Places
  readonly backslashes: Places
  readonly #hashes: Places
  /** Where the present line begins, and where what is read next. */
  lineStart = 0
  at = 0
  /** Spaces before the present line; -1 at the end of the text. */
  indent = 0

  constructor(text: string) {
    this.text = text
    this.hasTabs = text.includes('\t')
    this.colons = new Places(text, ':')
    this.#hashes = new Places(text, '#')
    this.backslashes = new Places(text, '\\')
  }

  /** Goes to the first line from `start`, where one begins, that has more than spaces and a comment. */
  toLine(start: number): void {
    const { text } = this
    let lineStart = start
    for (;;) {
      let at = lineStart
      let code = text.charCodeAt(at)
      while (code === SPACE) code = text.charCodeAt(++at)
      if (code === LINE_FEED) lineStart = at + 1
      else if (code === HASH) lineStart = this.lineEnd(at) + 1
      else {
        this.lineStart = lineStart
        this.at = at
        this.indent = at < text.length ? at - lineStart : -1
        return
      }
    }
  }

  /** Goes to the next line from behind a value, where only a comment may stand. */
  leaveLine(from: number): void {
    const { text } = this
    let at = from
    while (text.charCodeAt(at) === SPACE) at++
    const code = text.charCodeAt(at)
    if (code === LINE_FEED || at >= text.length) this.toLine(at + 1)
    else if (code === HASH && at > from) this.toLine(this.lineEnd(at) + 1)
    else throw new NotBlockYaml()
  }

  /** Where the line ends that has this place. */
  lineEnd(from: number): number {
    const at = this.text.indexOf('\n', from)
    return at === -1 ? this.text.length : at
  }

  /** The end of a line, or the place before the spaces there. */
  withoutSpaces(lineEnd: number): number {
    let end = lineEnd
    while (this.text.charCodeAt(end - 1) === SPACE) end--
    return end
  }

  /** Where what a line says ends: before a comment, or what would be one if it is not in quotes. */
  contentEnd(start: number, lineEnd: number): number {
    let hash = this.#hashes.first(start)
    while (hash < lineEnd && this.text.charCodeAt(hash - 1) !== SPACE) {
      hash = this.#hashes.first(hash + 1)
    }
    return this.withoutSpaces(Math.min(hash, lineEnd))
  }

  /** Whether a space, or the end of a line, or of the text is there. */
  isBreakAt(at: number): boolean {
    const code = this.text.charCodeAt(at)
    return code === SPACE || code === LINE_FEED || at >= this.text.length
  }
}

/** Where a character stands in a text. It is not looked for again between two of its places. */
class Places {
  readonly #text: string
  readonly #char: string
  #from = 0
  #at = -1

  constructor(text: string, char: string) {
    this.#text = text
    this.#char = char
  }

  /** The first from a place on; Infinity where there is none. */
  first(from: number): number {
    if (from > this.#at || from < this.#from) {
      const at = this.#text.indexOf(this.#char, from)
      this.#from = from
      this.#at = at === -1 ? Infinity : at
    }
    return this.#at
  }
}
