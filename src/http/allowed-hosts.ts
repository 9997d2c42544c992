import { isIP } from 'node:net'
import ipaddr from 'ipaddr.js'

/**
 * Under which names the server may be asked for. A page of somebody else's can have a name of its
 * own lead to this address (DNS rebinding) and then ask as if it were ours, but it can not choose
 * the name that the browser sends: so only known names are answered.
 */
export class AllowedHosts {
  readonly #names: ReadonlySet<string>
  readonly #isLoopback: boolean

  /** `bound` is the address that is listened on; `names` are further names, separated by commas. */
  constructor(bound: string, names: string | null) {
    this.#isLoopback = isLoopback(bound)
    const given = (names ?? '').split(',').map((name) => name.trim().toLowerCase())
    this.#names = new Set(given.filter((name) => name !== ''))
  }

  /** Is this a `Host` header that the server answers to? */
  allowsHost(host: string | undefined): boolean {
    const name = parsed(host)?.hostname
    return name !== undefined && this.#allowsName(name)
  }

  /**
   * Is this an `Origin` that may ask? The server's own, told by the same port as in `host`; or one
   * that was named in the settings, on any port.
   */
  allowsOrigin(origin: string, host: string | undefined): boolean {
    const from = /^https?:\/\/([^/]+)$/i.exec(origin)?.[1]
    const [asking, asked] = [parsed(from), parsed(host)]
    if (!asking || !asked) return false
    if (this.#names.has(asking.hostname)) return true
    return this.#allowsName(asking.hostname) && asking.port === asked.port
  }

  #allowsName(name: string): boolean {
    if (this.#names.has(name) || isLoopback(name)) return true
    // An address is no name that somebody could have led here.
    return !this.#isLoopback && isIP(bare(name)) !== 0
  }
}

/** `localhost`, or an address of the loopback interface, in brackets or not. */
export function isLoopback(name: string): boolean {
  if (name === 'localhost' || name.endsWith('.localhost')) return true
  const address = bare(name)
  return isIP(address) !== 0 && ipaddr.process(address).range() === 'loopback'
}

function bare(name: string): string {
  return name.replace(/^\[(.*)\]$/, '$1')
}

/** The parts of `host[:port]`, lower-case; null for what is none. */
function parsed(host: string | undefined): { hostname: string; port: string } | null {
  if (host === undefined || !/^[\w.:[\]-]+$/.test(host)) return null
  if (!URL.canParse(`http://${host}`)) return null
  const { hostname, port } = new URL(`http://${host}`)
  return { hostname, port }
}
