/** A setting: its names, its default, and how its text is read. */
export interface Setting<T> {
  env: string
  /** One line for `--help`. */
  help: string
  default: T
  /** How the default is written where its value depends on the machine. */
  defaultText?: string
  /** What is allowed, in words. */
  range: string
  /** Throws a plain phrase ("must be …") when the text is not allowed. */
  parse: (text: string) => T
  isSecret?: boolean
}

/** Any text that `check` lets pass; never an empty one. */
export function text<D extends string | null>(
  env: string,
  fallback: D,
  help: string,
  more: {
    defaultText: string
    range: string
    isSecret?: boolean
    check?: (text: string) => boolean
  },
): Setting<string | D> {
  const { check, ...rest } = more
  return {
    env,
    help,
    default: fallback,
    ...rest,
    parse: (given) => {
      if (given.trim() === '' || check?.(given) === false) throw new Error('not allowed')
      return given
    },
  }
}

/** One of some words, in any case. */
export function choice<T extends string>(
  env: string,
  values: readonly T[],
  fallback: T,
  help: string,
): Setting<T> {
  return {
    env,
    help,
    default: fallback,
    range: `one of ${values.join(', ')}`,
    parse: (given) => {
      const value = values.find((one) => one === given.toLowerCase())
      if (!value) throw new Error('not one of them')
      return value
    },
  }
}

/** A whole number within a range, both ends included. */
export function integer(
  env: string,
  fallback: number,
  [min, max]: readonly [number, number],
  unit: string,
  help: string,
): Setting<number> {
  return {
    env,
    help,
    default: fallback,
    range: `a whole number${unit && ` of ${unit}`} from ${min} to ${max}`,
    parse: (given) => {
      const value = Number(given)
      if (!/^\d+$/.test(given.trim()) || value < min || value > max) throw new Error('out of range')
      return value
    },
  }
}
