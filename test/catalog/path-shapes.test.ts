import { expect, test } from 'vitest'
import { shapesOfPath } from '../../src/catalog/path-shapes.js'

test('a path is looked up as written first, then with values for names', () => {
  expect(shapesOfPath('/tasks/12').slice(0, 3)).toEqual(['/tasks/12', '/tasks/{}', '/{}/12'])
})

test('the slash at the end of a path does not matter', () => {
  expect(shapesOfPath('/me/')).toEqual(['/me/', '/me'])
  expect(shapesOfPath('/me')).toEqual(['/me', '/me/'])
  expect(shapesOfPath('https://api.example.com/v1/me/')).toContain('/v1/me')
})

test.each(['/me/', '/v2/droplets/', 'https://api.example.com/v1/tasks/'])(
  'nothing is no value of a parameter, and what is left of %s is not /',
  (path) => {
    const shapes = shapesOfPath(path)
    expect(shapes).not.toContain('/')
    expect(shapes.filter((shape) => /^[/{}]*$/.test(shape))).toEqual([])
    expect(shapes).not.toContain('/v2/droplets/{}')
  },
)

test('the root is the root', () => {
  expect(shapesOfPath('/')).toEqual(['/'])
})

test('a path without its first slash is looked up with it too, and with nothing else', () => {
  expect(shapesOfPath('v1/tasks')).toEqual(['v1/tasks', 'v1/tasks/', '/v1/tasks', '/v1/tasks/'])
})
