import { expect, test } from 'vitest'
import { AllowedHosts } from '../../src/http/allowed-hosts.js'

const onLoopback = new AllowedHosts('127.0.0.1', null)
const onAll = new AllowedHosts('0.0.0.0', 'catalog.example, api-catalog')

test.each([
  ['localhost:3000', true, true],
  ['LOCALHOST', true, true],
  ['app.localhost:3000', true, true],
  ['127.0.0.1:3000', true, true],
  ['127.1.2.3', true, true],
  ['[::1]:3000', true, true],
  ['[::ffff:127.0.0.1]', true, true],
  ['2130706433', true, true], // 127.0.0.1 as one number
  ['192.168.1.7:3000', false, true],
  ['[fe80::1]:3000', false, true],
  ['catalog.example', false, true],
  ['CATALOG.example:8443', false, true],
  ['api-catalog:3000', false, true],
  ['evil.example', false, false],
  ['localhost.evil.example', false, false],
  ['127.0.0.1.evil.example', false, false],
  ['notlocalhost', false, false],
  ['evil.example@localhost', false, false],
  ['localhost/evil.example', false, false],
  ['localhost:3000:1', false, false],
  ['', false, false],
  [undefined, false, false],
])('the host %j: on loopback %s, beyond it %s', (host, loopback, beyond) => {
  expect(onLoopback.allowsHost(host)).toBe(loopback)
  expect(onAll.allowsHost(host)).toBe(beyond)
})

test.each([
  ['http://localhost:3000', 'localhost:3000', true],
  ['http://localhost:3000', '127.0.0.1:3000', true],
  ['https://localhost', 'localhost', true], // behind what ends TLS
  ['http://localhost:5173', 'localhost:3000', false], // another program's page
  ['http://evil.example:3000', 'localhost:3000', false],
  ['null', 'localhost:3000', false],
  ['', 'localhost:3000', false],
  ['file://', 'localhost:3000', false],
  ['http://localhost:3000/path', 'localhost:3000', false],
  ['http://user@localhost:3000', 'localhost:3000', false],
  ['http://localhost:3000', undefined, false],
])('the origin %j at the host %j: %s', (origin, host, isAllowed) => {
  expect(onLoopback.allowsOrigin(origin, host)).toBe(isAllowed)
})

test('a named host may ask from any port, as behind a proxy that changes it', () => {
  expect(onAll.allowsOrigin('https://catalog.example', '10.0.0.7:3000')).toBe(true)
  expect(onAll.allowsOrigin('https://other.example', '10.0.0.7:3000')).toBe(false)
})
