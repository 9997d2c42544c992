import { createServer, type RequestListener, type Server } from 'node:http'
import { createServer as createTcpServer, type AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { afterEach, describe, expect, onTestFinished, test } from 'vitest'
import { isPublicAddress } from '../../src/catalog/fetch/addresses.js'
import { fetchDocument, type FetchRequest } from '../../src/catalog/fetch/fetch-document.js'
import { messageOf } from '../../src/errors.js'
import {
  expandHeaders,
  parseHeader,
  storableHeaders,
} from '../../src/catalog/fetch/request-headers.js'

const servers: Server[] = []

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

/** A server of the test on an address that stands for the public internet, or on loopback. */
async function serve(listener: RequestListener, address: '127.0.0.2' | '127.0.0.1' = PUBLIC) {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, address, resolve))
  return `http://${address}:${(server.address() as AddressInfo).port}`
}

const PUBLIC = '127.0.0.2'
const MB = 1024 * 1024

function fetchFrom(url: string, more: Partial<FetchRequest> = {}) {
  return fetchDocument({
    url,
    maxBytes: MB,
    isAllowed: (address) => address === PUBLIC,
    ...more,
  })
}

const textOf = (fetched: Awaited<ReturnType<typeof fetchFrom>>) =>
  fetched.isModified ? Buffer.from(fetched.content).toString() : null

describe('addresses', () => {
  test.each([
    ['8.8.8.8', true],
    ['2606:4700::1111', true],
    ['64:ff9b::808:808', true],
    ['0.0.0.0', false],
    ['10.0.0.1', false],
    ['100.64.0.1', false],
    ['127.0.0.1', false],
    ['169.254.169.254', false],
    ['172.16.0.1', false],
    ['192.0.2.1', false],
    ['192.168.1.1', false],
    ['198.18.0.1', false],
    ['224.0.0.1', false],
    ['255.255.255.255', false],
    ['::', false],
    ['::1', false],
    ['::7f00:1', false],
    ['::ffff:127.0.0.1', false],
    ['64:ff9b::7f00:1', false],
    ['64:ff9b:1::808:808', false],
    ['2001::1', false],
    ['2001:db8::1', false],
    ['2002:7f00:1::', false],
    ['fc00::1', false],
    ['fd00:ec2::254', false],
    ['fe80::1', false],
    ['ff02::1', false],
    ['4000::1', false],
    ['not an address', false],
  ])('%s is public: %s', (address, isPublic) => {
    expect(isPublicAddress(address)).toBe(isPublic)
  })

  test('an IPv4 address mapped into IPv6 is never public', () => {
    fc.assert(
      fc.property(fc.ipV4(), (address) => {
        expect(isPublicAddress(`::ffff:${address}`)).toBe(false)
      }),
    )
  })

  test.each([
    'http://127.0.0.1/',
    'http://2130706433/',
    'http://0x7f.1/',
    'http://[::1]/',
    'http://[::ffff:127.0.0.1]/',
    'http://169.254.169.254/latest/meta-data',
    'http://localhost/',
  ])('%s is refused before anything is sent', async (url) => {
    await expect(fetchDocument({ url, maxBytes: MB })).rejects.toThrow('not on the public internet')
  })
})

describe('what is fetched', () => {
  test('a document comes whole, whatever its content type says', async () => {
    const url = await serve((_, response) => {
      response.setHeader('content-type', 'image/png').setHeader('etag', '"1"').end('openapi: 3.1.0')
    })
    const fetched = await fetchFrom(url)
    expect(textOf(fetched)).toBe('openapi: 3.1.0')
    expect(fetched).toMatchObject({ validators: { etag: '"1"', lastModified: null } })
  })

  test('what the server said is sent back, and 304 means unchanged', async () => {
    const url = await serve((request, response) => {
      const isKnown =
        request.headers['if-none-match'] === '"1"' &&
        request.headers['if-modified-since'] === 'then'
      response.writeHead(isKnown ? 304 : 500).end()
    })
    const known = { etag: '"1"', lastModified: 'then' }
    expect(await fetchFrom(url, { known })).toEqual({ isModified: false })
  })

  test('304 without a document that is known is an error', async () => {
    const url = await serve((_, response) => response.writeHead(304).end())
    await expect(fetchFrom(url)).rejects.toThrow('status 304')
  })

  test('compressed documents are unpacked', async () => {
    const url = await serve((_, response) => {
      response.setHeader('content-encoding', 'gzip').end(gzipSync('openapi: 3.1.0'))
    })
    expect(textOf(await fetchFrom(url))).toBe('openapi: 3.1.0')
  })

  test('headers go to the host they were given for, also after a redirect within it', async () => {
    const seen: (string | undefined)[] = []
    const other = await serve((request, response) => {
      seen.push(request.headers.authorization)
      response.end('ok')
    })
    const url = await serve((request, response) => {
      seen.push(request.headers.authorization)
      const location = request.url === '/' ? '/again' : other
      response.writeHead(302, { location }).end()
    })
    await fetchFrom(url, { headers: { authorization: 'Bearer secret' } })
    expect(seen).toEqual(['Bearer secret', 'Bearer secret', undefined])
  })
})

describe('what is refused', () => {
  test('a redirect to loopback, and nothing is asked there', async () => {
    let hits = 0
    const inner = await serve((_, response) => {
      hits += 1
      response.end('secret')
    }, '127.0.0.1')
    const url = await serve((_, response) => response.writeHead(302, { location: inner }).end())
    await expect(fetchFrom(url)).rejects.toThrow('not on the public internet')
    expect(hits).toBe(0)
  })

  test('a name whose meaning changes to loopback between two connections', async () => {
    let hits = 0
    const inner = await serve((_, response) => {
      hits += 1
      response.end('secret')
    }, '127.0.0.1')
    const { port } = new URL(inner)
    const outer = createServer((_, response) => {
      response
        .writeHead(302, { location: `http://rebound.test:${port}/`, connection: 'close' })
        .end()
    })
    servers.push(outer)
    await new Promise<void>((resolve) => outer.listen(Number(port), PUBLIC, resolve))
    const answers = [PUBLIC, '127.0.0.1']
    await expect(
      fetchFrom(`http://rebound.test:${port}/`, {
        resolve: (_host, _options, callback) =>
          callback(null, [{ address: answers.shift() ?? '127.0.0.1', family: 4 }]),
      }),
    ).rejects.toThrow('not on the public internet')
    expect(hits).toBe(0)
  })

  test('a name that has a private address among public ones', async () => {
    const addresses = [PUBLIC, '127.0.0.1'].map((address) => ({ address, family: 4 }))
    await expect(
      fetchFrom('http://mixed.test/', { resolve: (_h, _o, callback) => callback(null, addresses) }),
    ).rejects.toThrow('not on the public internet')
  })

  test('redirects without end', async () => {
    const url = await serve((_, response) => response.writeHead(302, { location: '/' }).end())
    await expect(fetchFrom(url)).rejects.toThrow('redirects more than 5 times')
  })

  test('a body without end', async () => {
    const url = await serve((_, response) => {
      const more = () => {
        while (response.write(Buffer.alloc(64 * 1024)));
      }
      response.on('drain', more)
      more()
    })
    await expect(fetchFrom(url)).rejects.toThrow('has more than 1 MB')
  })

  test('a small body that unpacks to a large one', async () => {
    const url = await serve((_, response) => {
      response.setHeader('content-encoding', 'gzip').end(gzipSync(Buffer.alloc(50 * MB)))
    })
    await expect(fetchFrom(url)).rejects.toThrow('has more than 1 MB')
  })

  test('compression within compression', async () => {
    const url = await serve((_, response) => {
      response.setHeader('content-encoding', 'gzip, gzip').end(gzipSync(gzipSync('x')))
    })
    await expect(fetchFrom(url)).rejects.toThrow('compressed in a way')
  })

  test('a body that never ends its first byte, when the caller gives up', async () => {
    const stop = new AbortController()
    const url = await serve((_, response) => {
      response.write('{')
      stop.abort(new Error('enough'))
    })
    await expect(fetchFrom(url, { signal: stop.signal })).rejects.toThrow('enough')
  })

  test('YAML from a server that does not say how long it is, since it may have been cut', async () => {
    const endlessly = async (text: string) => {
      const server = createTcpServer((socket) => {
        socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n${text}`))
      })
      await new Promise<void>((resolve) => server.listen(0, PUBLIC, resolve))
      onTestFinished(() => void server.close())
      return `http://${PUBLIC}:${(server.address() as AddressInfo).port}`
    }
    await expect(fetchFrom(await endlessly('openapi: 3.1.0'))).rejects.toThrow('may have been cut')
    expect(textOf(await fetchFrom(await endlessly('{"openapi": "3.1.0"}')))).toContain('3.1.0')
  })

  test('a body that comes too slowly', async () => {
    const url = await serve((_, response) => void response.write('{'))
    await expect(fetchFrom(url, { timeoutMs: 100 })).rejects.toThrow('longer than 0.1 s')
  })

  test('an answer that asks for credentials, without its text', async () => {
    const url = await serve((_, response) => response.writeHead(401).end('internal details'))
    const error = await fetchFrom(`${url}/a?token=secret`).catch(messageOf)
    expect(error).toContain('--header')
    expect(error).not.toMatch(/internal details|secret/)
  })

  test.each([
    'ftp://example.com/a',
    'file:///etc/passwd',
    'example.com/openapi.json',
    'http://',
    'git://example.com/apis.git',
    'ssh://git@example.com/apis.git',
    'git@example.com:apis.git',
    'git+https://example.com/apis.git?ref=../..',
    '--upload-pack=touch pwned',
  ])('%s is no URL to fetch', async (url) => {
    await expect(fetchFrom(url)).rejects.toThrow('http or https')
  })

  test('a URL with a password in it, with the way to do it', async () => {
    const error = await fetchFrom('https://me:hunter2@example.com/').catch(messageOf)
    expect(error).toContain('--header')
    expect(error).not.toContain('hunter2')
  })
})

describe('headers', () => {
  test('take their secrets from the environment', () => {
    const header = parseHeader('Authorization: Bearer ${TOKEN}')
    expect(expandHeaders([header], { TOKEN: 's3cret' })).toEqual({ authorization: 'Bearer s3cret' })
    expect(() => expandHeaders([header], {})).toThrow('environment variable TOKEN')
  })

  test('are remembered only where they hold no secret themselves', () => {
    const headers = ['Authorization: Bearer ${TOKEN}', 'X-Key: s3cret', 'X-Mixed: s3cret${TOKEN}']
    expect(storableHeaders(headers.map(parseHeader))).toEqual([
      { name: 'authorization', value: 'Bearer ${TOKEN}' },
    ])
  })

  test.each(['no colon', 'Bad Name: x', 'X-A: b\r\nX-C: d'])('%j is refused', (line) => {
    expect(() => parseHeader(line)).toThrow("'Name: value'")
  })
})
