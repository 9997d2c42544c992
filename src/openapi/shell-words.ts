import { stripUnseen } from './search-text.js'

/** Text to be taken as it is, or a shell variable that the user sets. */
export type Piece = string | { variable: string }

/** Variables that every shell has set, so that they cannot be left for the user to fill. */
const TAKEN = new Set(
  (
    'PATH HOME USER PWD OLDPWD SHELL LANG TERM UID EUID GID PPID HOSTNAME HOSTTYPE LOGNAME MAIL ' +
    'EDITOR GROUPS RANDOM SECONDS LINENO IFS DISPLAY TZ PS1 PS2 PS4 ENV OSTYPE SHLVL COLUMNS ' +
    'LINES OPTIND OPTARG FUNCNAME BASH DIRSTACK STATUS PROMPT'
  ).split(' '),
)

/** A variable named after a parameter: `task_gid` → `$TASK_GID`, `path` → `$PATH_VALUE`. */
export function placeholder(name: string): Piece {
  const word = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toUpperCase()
    .replace(/[^A-Z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 60)
  const safe = /^[A-Z]/.test(word) ? word : `VALUE_${word}`.replace(/_$/, '')
  return { variable: TAKEN.has(safe) ? `${safe}_VALUE` : safe }
}

/**
 * One word for a POSIX shell in which the variables are filled in and nothing else is. Within double
 * quotes an interactive shell makes an earlier command of `!!`: each `!` stands in single ones.
 */
export function doubleQuoted(pieces: readonly Piece[]): string {
  const shown = pieces.filter((piece) => piece !== '')
  const inside = shown.map((piece, index) => {
    if (typeof piece === 'string') {
      return withoutFences(oneLine(piece).replace(/[\\"`$]/g, '\\$&'), '""')
    }
    const next = shown[index + 1]
    const isGlued = typeof next === 'string' && /^[A-Za-z0-9_]/.test(next)
    return isGlued ? `\${${piece.variable}}` : `$${piece.variable}`
  })
  const parts = inside.join('').split(/(!+)/)
  const quoted = parts.map((part) => (part.startsWith('!') ? `'${part}'` : `"${part}"`))
  return quoted.filter((part) => part !== '""').join('') || '""'
}

/** One word for a POSIX shell, all of it taken as it is. */
export function singleQuoted(text: string): string {
  return `'${withoutFences(stripUnseen(text).replaceAll("'", String.raw`'\''`), "''")}'`
}

/**
 * What would end a block of Markdown in which the word is shown is interrupted by quotes that end
 * and begin again: a shell reads the same text.
 */
function withoutFences(quoted: string, gap: string): string {
  return quoted.replace(/`{3,}|~{3,}/g, (run) => run.split('').join(gap))
}

function oneLine(text: string): string {
  return stripUnseen(text).replace(/\s+/g, ' ')
}
