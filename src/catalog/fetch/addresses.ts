import { lookup, type LookupAddress } from 'node:dns'
import type { LookupFunction } from 'node:net'
import ipaddr from 'ipaddr.js'
import { InputError } from '../../errors.js'

/** Global unicast: every other IPv6 address is special or not given out (RFC 4291, section 2.4). */
const GLOBAL_IPV6 = ipaddr.IPv6.parseCIDR('2000::/3')

/** Virtual machines on Azure reach their platform's services here, though the address is public. */
const AZURE_PLATFORM = '168.63.129.16'

/**
 * Whether an address belongs to the public internet: not private, loopback, link-local (where
 * cloud machines keep their secrets), shared, mapped, reserved, multicast or tunnelled. An address
 * that translates to IPv4 (RFC 6052) is judged by the IPv4 address in it.
 */
export function isPublicAddress(address: string): boolean {
  if (!ipaddr.isValid(address)) return false
  const parsed = ipaddr.parse(address)
  if (address === AZURE_PLATFORM) return false
  if (parsed instanceof ipaddr.IPv4) return parsed.range() === 'unicast'
  if (parsed.range() === 'rfc6052' && parsed.parts[2] === 0) return isPublicIPv4(parsed)
  return parsed.range() === 'unicast' && parsed.match(GLOBAL_IPV6)
}

function isPublicIPv4({ parts }: ipaddr.IPv6): boolean {
  const [high = 0, low = 0] = parts.slice(6)
  return isPublicAddress([high >> 8, high & 255, low >> 8, low & 255].join('.'))
}

/** Finds all addresses of a host name: `dns.lookup`, or what stands for it. */
export type ResolveHost = (
  host: string,
  options: { all: true },
  callback: (error: NodeJS.ErrnoException | null, addresses: LookupAddress[]) => void,
) => void

/**
 * A look-up for sockets that gives only addresses that were checked: the connection goes to what
 * was looked at, and not to what the name means a moment later. One address that is not allowed
 * refuses the name.
 */
export function checkedLookup(
  isAllowed: (address: string) => boolean,
  resolve: ResolveHost = lookup,
): LookupFunction {
  return (host, options, callback) => {
    resolve(host, { all: true }, (error, addresses) => {
      const [first] = addresses ?? []
      if (error || !first) return callback(error ?? new Error(`${host} has no address`), [])
      if (!addresses.every(({ address }) => isAllowed(address))) {
        return callback(notAllowed(host), [])
      }
      return options.all ? callback(null, addresses) : callback(null, first.address, first.family)
    })
  }
}

/** Throws InputError for a URL whose host is written as an address that is not allowed. */
export function checkWrittenAddress(
  { hostname }: URL,
  isAllowed: (address: string) => boolean,
): void {
  const address = hostname.replace(/^\[|\]$/g, '')
  if (ipaddr.isValid(address) && !isAllowed(address)) throw notAllowed(hostname)
}

function notAllowed(host: string): InputError {
  return new InputError(
    `${host} is not on the public internet. If you mean it, allow private addresses with ` +
      '--allow-private-urls.',
  )
}
