import { stripUnseen } from './search-text.js'

/** Text to be taken as it is, or a shell variable that the user sets. */
export type Piece = string | { variable: string }

/**
 * Variables that have a value before the user gives one, though their names are in lower case: of
 * zsh 5.9 (`typeset +m '[a-z]*'`), fish, csh, and the proxies that curl itself reads.
 */
const TAKEN = new Set(
  (
    'aliases argv builtins cdpath commands dirstack epochtime errnos fignore fpath funcstack ' +
    'functions functrace galiases histchars history historywords jobdirs jobstates jobtexts ' +
    'keymaps langinfo mailpath manpath mapfile modules nameddirs options parameters patchars path ' +
    'pipestatus prompt psvar reswords saliases signals status sysparams termcap terminfo userdirs ' +
    'usergroups watch widgets hostname umask version cwd gid group home pwd shell term tty uid ' +
    'user http_proxy https_proxy ftp_proxy all_proxy no_proxy'
  ).split(' '),
)

/**
 * A variable named after a parameter: `taskGid` → `$task_gid`, `path` → `$path_value`. In lower case,
 * since a document could else name what an environment has and a user would send:
 * `$AWS_SECRET_ACCESS_KEY`.
 */
export function placeholder(name: string): Piece {
  const word = name
    .replace(/([a-z0-9])([A-Z])/g, '$1_$2')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '_')
    .replace(/^_+|_+$/g, '')
    .slice(0, 60)
  const safe = /^[a-z]/.test(word) ? word : `value_${word}`.replace(/_$/, '')
  return { variable: TAKEN.has(safe) ? `${safe}_value` : safe }
}

/** Text that would belong to the variable before it: to zsh `$name:a` is a path made of it. */
const GOES_ON = /^(?:\w|:\D)/

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
    const isGlued = typeof next === 'string' && GOES_ON.test(next)
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
