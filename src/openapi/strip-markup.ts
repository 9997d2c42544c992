/**
 * Plain text of HTML and Markdown. Every repeat in these patterns is bounded, so the time is linear
 * in the text whatever the text is.
 */
export function stripMarkup(text: string): string {
  const markdown = text.includes('<') ? stripHtml(text) : text
  return neutralTags(decodeEntities(stripMarkdown(markdown)))
}

/** Elements that break a line or a word. */
const BLOCK_TAG =
  /<\/?(?:article|aside|blockquote|br|caption|center|col|colgroup|dd|details|dfn|div|dl|dt|figcaption|figure|footer|h[1-6]|header|hr|iframe|img|li|main|nav|ol|p|picture|pre|section|source|strike|summary|svg|table|tbody|td|tfoot|th|thead|tr|ul|video)(?:\s[^<>]{0,2000})?\/?>/gi
/** Elements inside of a word or line. */
const INLINE_TAG =
  /<\/?(?:a|abbr|b|big|cite|code|del|em|font|i|ins|kbd|mark|q|s|samp|small|span|strong|sub|sup|tt|u|var|wbr)(?:\s[^<>]{0,2000})?\/?>/gi

function stripHtml(text: string): string {
  return text
    .replace(/<!--[^]{0,5000}?-->/g, ' ')
    .replace(/<(script|style)\b[^<>]{0,500}>[^<]{0,5000}<\/\1\s{0,10}>/gi, ' ')
    .replace(INLINE_TAG, '')
    .replace(BLOCK_TAG, ' ')
}

/** In order. `needs` is a text without which the pattern cannot match. */
const MARKDOWN: readonly { needs: string; pattern: RegExp; by: string }[] = [
  { needs: '```', pattern: /(^|\n)[ \t]{0,20}`{3,20}[^`\n]{0,100}(?=\n|$)/g, by: '$1' },
  { needs: '~~~', pattern: /(^|\n)[ \t]{0,20}~{3,20}[^~\n]{0,100}(?=\n|$)/g, by: '$1' },
  // Horizontal rules, underlines of headings, the lines below table heads.
  { needs: '', pattern: /(^|\n)[ \t]{0,20}[-=*_|:][-=*_|: \t]{2,300}(?=\n|$)/g, by: '$1' },
  { needs: '#', pattern: /(^|\n)[ \t]{0,20}#{1,6}[ \t]{1,10}/g, by: '$1' },
  { needs: '', pattern: /(^|\n)[ \t]{0,20}(?:>[ \t]?|[-*+][ \t]{1,10}){1,5}/g, by: '$1' },
  // Links and images: their text stays.
  {
    needs: '](',
    pattern:
      /!?\[([^[\]]{0,500})\]\([^()\s]{0,1000}(?:\([^()\s]{0,200}\)[^()\s]{0,500})?(?:\s{1,5}["'][^"'\n]{0,300}["'])?\)/g,
    by: '$1',
  },
  { needs: '][', pattern: /\[([^[\]]{1,300})\]\[[^[\]]{0,100}\]/g, by: '$1' },
  { needs: '`', pattern: /`{1,3}([^`\n]{0,500})`{1,3}/g, by: '$1' },
  { needs: '**', pattern: /(?<!\\)(\*{2,3})(?=\S)([^*\n]{1,500}?)(?<=\S)\1/g, by: '$2' },
  // Not between words: `2*3*4` stays.
  {
    needs: '*',
    pattern: /(?<![\p{L}\p{N}*\\])\*(?=[^\s*])([^*\n]{1,500}?)(?<=[^\s*\\])\*(?![\p{L}\p{N}*])/gu,
    by: '$1',
  },
  { needs: '~~', pattern: /~~([^~\n]{1,500})~~/g, by: '$1' },
  // Not inside a word: snake_case stays.
  {
    needs: '_',
    pattern: /(?<![\p{L}\p{N}_])(_{1,3})(?=[^\s_])([^_\n]{1,500}?)(?<=[^\s_])\1(?![\p{L}\p{N}_])/gu,
    by: '$2',
  },
  { needs: '\\', pattern: /\\([\\`*_{}[\]()#+.!|<>~-])/g, by: '$1' },
  { needs: '|', pattern: /[ \t]{0,20}\|[ \t|]{0,50}/g, by: ' ' },
]

function stripMarkdown(text: string): string {
  let plain = text.includes('\r') ? text.replace(/\r\n?/g, '\n') : text
  for (const { needs, pattern, by } of MARKDOWN) {
    if (plain.includes(needs)) plain = plain.replace(pattern, by)
  }
  return plain
}

const ENTITIES: Readonly<Record<string, string>> = {
  amp: '&',
  lt: '<',
  gt: '>',
  quot: '"',
  apos: "'",
  nbsp: ' ',
  ndash: '–',
  mdash: '—',
  hellip: '…',
  rsquo: '’',
  lsquo: '‘',
  rdquo: '”',
  ldquo: '“',
  copy: '©',
  reg: '®',
  trade: '™',
  bull: '•',
  rarr: '→',
  larr: '←',
  times: '×',
  le: '≤',
  ge: '≥',
  zwnj: '',
  zwj: '',
  shy: '',
}

function decodeEntities(text: string): string {
  if (!text.includes('&')) return text
  return text.replace(
    /&(?:#(\d{1,7})|#x([0-9a-f]{1,6})|([a-z]{2,8}));/gi,
    (whole, dec, hex, name) => {
      if (name !== undefined) return ENTITIES[String(name).toLowerCase()] ?? whole
      const code = dec === undefined ? Number.parseInt(String(hex), 16) : Number(dec)
      return code > 0 && code <= 0x10ffff ? String.fromCodePoint(code) : ' '
    },
  )
}

/** `<owner>` → `owner`: the word stays, and nothing is left that could pass for markup. */
function neutralTags(text: string): string {
  if (!text.includes('<')) return text
  return text.replace(
    /<([/!?]?[\p{L}_][^<>]{0,300})>/gu,
    (_, inner: string) => ` ${inner.replace(/^[/!?]/, '')} `,
  )
}
