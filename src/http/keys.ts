import { createHash, hkdfSync, timingSafeEqual } from 'node:crypto'
import type { Principal, Scope } from '../catalog/principal.js'
import { UsageError } from '../errors.js'

/** A key as it is kept: what it opens, and its SHA-256; the key itself is forgotten. */
interface Key {
  name: string
  scope: Scope
  digest: Buffer
  isShort: boolean
}

/** 16 characters of base64 are 96 bits. */
const SHORTEST_SAFE = 16
const SCOPES = new Set<string>(['read', 'write'])
/** RFC 6750, section 2.1: what a bearer token may be made of. */
const TOKEN = /^[A-Za-z0-9._~+/-]+=*$/

/** The keys that callers over HTTP may bring. */
export class KeyRing {
  readonly #keys: readonly Key[]
  readonly #sources: Principal['sources']
  /** Signs the page's cookie: the same on every replica with the same keys, and gone with them. */
  readonly cookieSecret: string
  /** Names of keys that are short enough to be guessed. */
  readonly guessable: readonly string[]

  /**
   * Reads `API_CATALOG_KEYS`: entries separated by commas, each `[name:]key[:scope]`; a
   * key without a scope is one to write with. Throws UsageError for anything else.
   */
  constructor(text: string, sources: Principal['sources']) {
    const entries = text.split(',').map((entry) => entry.trim())
    this.#keys = entries.map((entry, index) => readKey(entry, index + 1))
    if (new Set(this.#keys.map(({ name }) => name)).size < entries.length) {
      throw notKeys('two have the same name')
    }
    this.#sources = sources
    // Of what each key may, too: a cookie holds a name, which must not come to mean more.
    const all = this.#keys.map(
      ({ name, scope, digest }) => `${name}:${scope}:${digest.toString('hex')}`,
    )
    const secret = hkdfSync('sha256', all.join(','), '', 'page cookie', 32)
    this.cookieSecret = Buffer.from(secret).toString('base64url')
    this.guessable = this.#keys.filter(({ isShort }) => isShort).map(({ name }) => name)
  }

  /** On whose behalf a request with this key runs; undefined for a key that is none. */
  principalOf(given: string): Principal | undefined {
    const digest = sha256(given)
    let found: Key | undefined
    // All are compared, each in constant time: how long it takes tells nothing about any of them.
    for (const key of this.#keys) if (timingSafeEqual(key.digest, digest)) found = key
    return found && this.#principal(found)
  }

  /** The principal of the key of this name, for a cookie that was given for that key. */
  principalNamed(name: string): Principal | undefined {
    const found = this.#keys.find((key) => key.name === name)
    return found && this.#principal(found)
  }

  #principal({ name, scope }: Key): Principal {
    return { tenant: 'default', name, scope, sources: this.#sources }
  }
}

function readKey(entry: string, place: number): Key {
  const parts = entry.split(':')
  const scope = SCOPES.has(parts.at(-1) ?? '') && parts.length > 1 ? parts.pop() : 'write'
  const [key, name = `key-${place}`, ...more] = parts.toReversed()
  if (!key || name === '' || more.length > 0 || !TOKEN.test(key)) {
    throw notKeys(`number ${place} is not of that form (a key is of letters, digits and ._~+/-=)`)
  }
  return { name, scope: scope as Scope, digest: sha256(key), isShort: key.length < SHORTEST_SAFE }
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest()
}

function notKeys(why: string): UsageError {
  return new UsageError(
    `API_CATALOG_KEYS must be keys separated by commas, each [name:]key[:scope], the scope read or write; ${why}.`,
  )
}
