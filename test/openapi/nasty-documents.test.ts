import { describe, expect, test } from 'vitest'
import { parseSpec } from '../../src/openapi/parse-spec.js'
import { SpecError } from '../../src/openapi/spec-error.js'
import type { ParsedSpec } from '../../src/openapi/parsed-spec.js'

const HEAD = 'openapi: 3.0.0\ninfo: {title: t, version: "1"}\n'
const OK = { responses: { 200: { description: 'ok' } } }

function spec(parts: object, version = '3.1.0'): string {
  return JSON.stringify({ openapi: version, info: { title: 't', version: '1' }, ...parts })
}

function withBody(schema: unknown, parts: object = {}): string {
  const requestBody = { content: { 'application/json': { schema } } }
  return spec({ paths: { '/a': { post: { ...OK, requestBody } } }, ...parts })
}

function refusal(input: string | Uint8Array): SpecError {
  try {
    parseSpec(input)
  } catch (error) {
    if (error instanceof SpecError) return error
    throw error
  }
  throw new Error('the document was accepted')
}

const codes = (parsed: ParsedSpec) => [...new Set(parsed.warnings.map(({ code }) => code))]
const keys = (parsed: ParsedSpec) =>
  parsed.operations.map(({ method, path }) => `${method} ${path}`)
const pointers = (parsed: ParsedSpec) => parsed.components.map(({ pointer }) => pointer)

describe('what is refused is named in a sentence that begins with its code', () => {
  const graphql = 'type Query {\n  pets: [Pet!]!\n}\n'
  test.each([
    ['an empty file', '', 'EMPTY', /no content/],
    ['a comment only', '# only a comment\n---\n', 'EMPTY', /no content/],
    ['null', 'null', 'EMPTY', /no content/],
    ['a PDF', '%PDF-1.7\n', 'NOT_TEXT', /PDF/],
    ['a zip', new Uint8Array([0x50, 0x4b, 3, 4, 20, 0]), 'NOT_TEXT', /zip/],
    ['a PNG', Buffer.from('89504e470d0a1a0a0000', 'hex'), 'NOT_TEXT', /PNG/],
    [
      'bytes without meaning',
      Buffer.from(Array.from({ length: 600 }, (_, i) => i % 251)),
      'NOT_TEXT',
      /binary/,
    ],
    [
      'a login page',
      '<!DOCTYPE html><html><title>Sign in</title></html>',
      'NOT_PARSABLE',
      /HTML.*login page/,
    ],
    ['a page with a colon', '<html>\n<body style="a: b">\n  {{x}}: [', 'NOT_PARSABLE', /HTML/],
    [
      'Markdown',
      '# Title\n\nSome [link](http://x) here\n\n- a\n- b: c: d\n',
      'NOT_PARSABLE',
      /Markdown/,
    ],
    ['GraphQL', graphql, 'NOT_PARSABLE', /GraphQL/],
    ['GraphQL in a line', 'type Query { pet: Pet }', 'NOT_PARSABLE', /GraphQL/],
    ['a union of GraphQL', 'union Pet = Cat | Dog\n', 'NOT_PARSABLE', /GraphQL/],
    ['a subscription of GraphQL', 'subscription {\n  pets\n}\n', 'NOT_PARSABLE', /GraphQL/],
    ['a code block', `\`\`\`yaml\n${HEAD}\`\`\`\n`, 'NOT_PARSABLE', /code block/],
    [
      'a merge conflict',
      `${HEAD}<<<<<<< HEAD\npaths: {}\n=======\npaths: {/a: {}}\n>>>>>>> theirs\n`,
      'NOT_PARSABLE',
      /line 4.*merge conflict/,
    ],
    ['broken JSON with comments', '// mine\n{"a" 1}', 'NOT_PARSABLE', /JSON with comments/],
    ['JSON in quotes', JSON.stringify(spec({})), 'NOT_OPENAPI', /text in quotes; upload what/],
    [
      'truncated JSON',
      '{"openapi":"3.1.0","paths":{"/a":{"get":',
      'NOT_PARSABLE',
      /line 1, column 41.*cut off/,
    ],
    [
      'JSON cut inside a text',
      '{"openapi":"3.1.0","info":{"title":"abc',
      'NOT_PARSABLE',
      /cut off/,
    ],
    ['broken JSON', '{\n "openapi": "3.0.0",\n "a" "b"\n}', 'NOT_PARSABLE', /line 3, column 6/],
    [
      'tabs in YAML',
      'openapi: 3.0.0\ninfo:\n\ttitle: t\n',
      'NOT_PARSABLE',
      /line 3, column 1.*tab/,
    ],
    [
      'a tag of JavaScript',
      'a: !!js/function "function(){}"\n',
      'NOT_PARSABLE',
      /line 1.*js\/function/,
    ],
    [
      'a Postman collection',
      '{"info":{"schema":"https://schema.getpostman.com/x"},"item":[]}',
      'NOT_OPENAPI',
      /Postman/,
    ],
    ['AsyncAPI', 'asyncapi: 2.6.0\nchannels: {}\n', 'NOT_OPENAPI', /AsyncAPI/],
    [
      'a JSON Schema',
      '{"$schema":"https://json-schema.org/x","type":"object"}',
      'NOT_OPENAPI',
      /JSON Schema/,
    ],
    [
      'an introspection result',
      '{"data":{"__schema":{"types":[]}}}',
      'NOT_OPENAPI',
      /GraphQL introspection/,
    ],
    ['a Postman collection of old', '{"requests":[],"order":[]}', 'NOT_OPENAPI', /Postman/],
    ['a wrapped one', '{"collection":{"info":{},"item":[]}}', 'NOT_OPENAPI', /Postman/],
    ['Insomnia', 'type: collection.insomnia.rest/5.0\n', 'NOT_OPENAPI', /Insomnia/],
    ['Bruno', 'meta {\n  name: x\n}\nget {\n  url: y\n}\n', 'NOT_PARSABLE', /Bruno/],
    ['RAML', '#%RAML 1.0\ntitle: x\n', 'NOT_PARSABLE', /RAML/],
    ['Smithy', '$version: "2"\nnamespace a\nservice S {}\n', 'NOT_PARSABLE', /Smithy/],
    ['Thrift', 'namespace java a\nservice S { i32 a() }\n', 'NOT_PARSABLE', /Thrift/],
    ['a document in another', `{"data":${spec({})}}`, 'NOT_OPENAPI', /field `data`; upload what/],
    [
      'a document in a text in another',
      JSON.stringify({ body: spec({}) }),
      'NOT_OPENAPI',
      /field `body`/,
    ],
    ['what servers of files say', '404: Not Found', 'NOT_PARSABLE', /error answer/],
    [
      'a pointer of Git LFS',
      'version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n',
      'NOT_PARSABLE',
      /Git LFS; fetch the file/,
    ],
    ['a script', `window.spec = ${spec({})};`, 'NOT_PARSABLE', /program code/],
    [
      'a text in YAML that needs quotes',
      'openapi: 3.0.0\ninfo:\n  title: Pets: all of them\n',
      'NOT_PARSABLE',
      /^NOT_PARSABLE: line 3, column 14: .*": ".*needs quotes/,
    ],
    [
      'a line in YAML that is indented wrongly',
      'openapi: 3.0.0\ninfo:\n   title: t\n  version: x\n',
      'NOT_PARSABLE',
      /line 4, column 3: not valid YAML: [^(]*$/,
    ],
    ['Base64', Buffer.from(spec({})).toString('base64'), 'NOT_PARSABLE', /Base64/],
    ['words alone', 'service '.repeat(20), 'NOT_OPENAPI', /single text/],
    ['a data URL', 'data:application/json;base64,e30=', 'NOT_PARSABLE', /data URL/],
    ['an address', 'https://x.test/openapi.json\n', 'NOT_PARSABLE', /address; give it as `url`/],
    ['a path', './api/openapi.yaml', 'NOT_PARSABLE', /path of a file; give it as `path`/],
    [
      'an answer with its head',
      `HTTP/1.1 200 OK\r\nA: b\r\n\r\n${spec({})}`,
      'NOT_PARSABLE',
      /upload its body/,
    ],
    ['JSONP', `load(${spec({})});`, 'NOT_PARSABLE', /JSONP/],
    ['a diff', '--- a/x\n+++ b/x\n@@ -1 +1 @@\n-openapi: 3.0.0\n', 'NOT_PARSABLE', /diff/],
    ['curly quotes', '{“openapi”:“3.0.0”}', 'NOT_PARSABLE', /typographic quotes/],
    ['an array', '[{"openapi":"3.0.0"}]', 'NOT_OPENAPI', /array; upload each/],
    ['a lone text', '"hello"', 'NOT_OPENAPI', /single text/],
    ['a document without a version', '{"info":{},"paths":{}}', 'NOT_OPENAPI', /`openapi`.*missing/],
    ['an error answer', '{"message":"Not Found"}', 'NOT_OPENAPI', /error answer/],
    ['Swagger 1.2', '{"swaggerVersion":"1.2","apis":[]}', 'UNSUPPORTED_VERSION', /Swagger 1\.2/],
    ['OpenAPI 4', '{"openapi":"4.0.0","paths":{}}', 'UNSUPPORTED_VERSION', /OpenAPI 4/],
    ['a word for a version', '{"openapi":"latest","paths":{}}', 'UNSUPPORTED_VERSION', /"latest"/],
  ])('%s', (_, input, code, sentence) => {
    const error = refusal(input)
    expect(error.code).toBe(code)
    expect(error.message).toMatch(new RegExp(`^${code}: .*[.]$`, 's'))
    expect(error.message).toMatch(sentence)
  })

  test('line and column stand in the error as well', () => {
    expect(refusal('{\n "a": 1,\n "b" 2\n}')).toMatchObject({ line: 3, column: 6 })
  })

  test('nesting beyond 200 levels, in JSON, YAML and YAML in brackets', () => {
    const deep = (open: string, close: string, n: number) => open.repeat(n) + '1' + close.repeat(n)
    expect(refusal(`{"openapi":"3.0.0","x":${deep('{"a":', '}', 10_000)}}`).code).toBe('TOO_DEEP')
    expect(refusal(`{"openapi":"3.0.0","x":${deep('[', ']', 2_000_000)}}`).code).toBe('TOO_DEEP')
    expect(refusal(`${HEAD}x: ${'['.repeat(20_000)}`).code).toBe('TOO_DEEP')
    const block = Array.from({ length: 300 }, (_, i) => `${' '.repeat(i)}a:`).join('\n')
    expect(refusal(`${HEAD}${block}`).code).toBe('TOO_DEEP')
  })

  test('aliases that unfold to billions', () => {
    const levels = Array.from('bcdefghij', (name, i) => {
      const before = `*${String.fromCharCode(97 + i)}`
      return `x-${name}: &${name} [${Array.from({ length: 9 }, () => before).join(',')}]`
    })
    const bomb = `${HEAD}paths: {}\nx-a: &a [x,x,x,x,x,x,x,x,x]\n${levels.join('\n')}\n`
    expect(refusal(bomb).code).toBe('ALIAS_BUDGET')
  })

  test('too many aliases, one long text aliased often, a chain of aliases that gets deep', () => {
    const many = `x: &x 1\ny: [${'*x,'.repeat(10_001)}]\n`
    expect(refusal(HEAD + many).code).toBe('ALIAS_BUDGET')
    const long = `x: &x ${'y'.repeat(100_000)}\ny: [${'*x,'.repeat(9_000)}]\n`
    expect(refusal(HEAD + long).code).toBe('ALIAS_BUDGET')
    const chain = Array.from({ length: 400 }, (_, i) => `x${i + 1}: &x${i + 1} [*x${i}]`)
    expect(refusal(`${HEAD}x0: &x0 [1]\n${chain.join('\n')}\n`).code).toBe('TOO_DEEP')
  })

  test('more operations or bytes than the limits, naming both numbers', () => {
    const paths = Object.fromEntries(Array.from({ length: 60 }, (_, i) => [`/p${i}`, { get: OK }]))
    const limits = {
      maxBytes: 10_000,
      maxOperations: 50,
      maxDepth: 200,
      maxAliases: 10,
      parseMemoryMb: 1_024,
    }
    expect(() => parseSpec(spec({ paths }), limits)).toThrow(/^TOO_LARGE: .*60 operations.*50/)
    expect(() => parseSpec(' '.repeat(10_001), limits)).toThrow(/^TOO_LARGE: .*10001.*10000/)
  })

  test('a shared path item that would be stored thousands of times', () => {
    const big = { get: { ...OK, description: 'x'.repeat(200_000) } }
    const paths = Object.fromEntries(
      Array.from({ length: 2_000 }, (_, i) => [`/p${i}`, { $ref: '#/components/pathItems/P' }]),
    )
    expect(refusal(spec({ paths, components: { pathItems: { P: big } } })).code).toBe('TOO_LARGE')
  })
})

describe('what can be read is read, with a warning for the rest', () => {
  const json = spec({ paths: { '/a': { get: { ...OK, operationId: 'a' } } } })
  const marked = `\uFEFF${json}`
  const utf32 = (text: string) =>
    Buffer.concat(Array.from(Buffer.from(text), (byte) => Buffer.from([byte, 0, 0, 0])))
  const [beforeTitle = '', afterTitle = ''] = json.split('"title":"')
  const half = Buffer.from([0, 0xd8, 0, 0])
  const utf32Broken = Buffer.concat([utf32(`${beforeTitle}"title":"`), half, utf32(afterTitle)])
  test.each([
    ['a byte order mark', Buffer.from(marked)],
    ['UTF-16 LE', Buffer.from(marked, 'utf16le')],
    ['UTF-16 LE without a mark', Buffer.from(json, 'utf16le')],
    ['UTF-16 BE', Buffer.from(marked, 'utf16le').swap16()],
    ['a mark in a string', marked],
    ['half of a character in UTF-32', utf32Broken],
    ['UTF-32 LE', Buffer.concat([Buffer.from('fffe0000', 'hex'), utf32(json)])],
    ['UTF-32 LE without a mark', utf32(json)],
    ['UTF-32 BE without a mark', utf32(json).swap32()],
    ['two marks', `\uFEFF${marked}`],
    ['a mark in the middle', json.replace('"paths"', '\uFEFF"paths"')],
    ['a mark in the middle of YAML', `${HEAD}\uFEFFpaths: {/a: {get: {}}}`],
    ['NULs at its end', `${json}${'\0'.repeat(500)}`],
    ['comments of JSON', json.replace('"paths"', '// these /* are\n/* the "paths" */ "paths"')],
    ['commas at the end', json.replace(/\}$/, ' , /* last */ \n}')],
    ['a guard against scripts', `)]}',\n${json}`],
    ['colours of a terminal', `\u001B[32m${HEAD}\u001B[0mpaths: {/a: {get: {}}}`],
    ['a bell in quotes', `${HEAD}paths: {/a: {get: {summary: "\u0007x"}}}`],
    ['a form feed', `${HEAD}\fpaths: {/a: {get: {}}}`],
    ['no-break spaces', `${HEAD}paths:\n\u00A0\u00A0/a:\n\u00A0 \u00A0 get: {}\n`],
    ['returns alone', `${HEAD}paths:\n  /a:\n    get: {}\n`.replaceAll('\n', '\r')],
    ['a later document that is broken', `${HEAD}paths: {/a: {get: {}}}\n---\na: [1\n`],
    ['spaces around a path', `${HEAD}paths:\n  ? |\n    /a\n  : get: {}\n`],
    ['UTF-16 LE that begins in Japanese', Buffer.from(`# 日本語のAPIの説明書\n${json}`, 'utf16le')],
    ['UTF-16 BE with a smile', Buffer.from(json.replace('"t"', '"😀"'), 'utf16le').swap16()],
  ])('%s', (_, input) => {
    expect(keys(parseSpec(input))).toEqual(['GET /a'])
  })

  test('what looks like a comment or a last comma in a text is none', () => {
    const summary = 'https://x, // y /* z */ ,} ,] "'
    const text = spec({ paths: { '/a': { get: { ...OK, description: summary } } } })
    const [operation] = parseSpec(`${text.slice(0, -1)},}`).operations
    expect(operation?.definition).toContain(JSON.stringify(summary))
  })

  test('strings and objects for a list of servers, and what is no parameter', () => {
    const paths = {
      '/a': { get: { ...OK, parameters: [null, 'x', { name: 'q', in: 'query' }, 5] } },
      '/b': { servers: { url: 'https://b.test' }, get: OK },
    }
    const parsed = parseSpec(spec({ servers: ['https://a.test'], paths }))
    expect(
      parsed.operations.map(({ definition }) => /"servers":(.*?),"sec/.exec(definition)?.[1]),
    ).toEqual(['["https://a.test"]', '[{"url":"https://b.test"}]'])
    expect(parsed.warnings.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual([
      'BAD_TYPE /paths/~1a/get/parameters',
    ])
  })

  test('a reference of an operation whose path is referred to is told of once, where it stands', () => {
    const responses = { 200: { $ref: '#/components/responses/Missing' } }
    const paths = { '/a': { post: { $ref: '#/paths/~1a' }, get: { responses } } }
    const parsed = parseSpec(JSON.stringify({ openapi: '3.1.0', info: {}, paths }))
    const bad = parsed.warnings.filter(({ code }) => code === 'DANGLING_REF')
    expect(bad.map(({ pointer }) => pointer)).toEqual(['/paths/~1a/get/responses/200'])
  })

  test('a reference of a schema that is found by its anchor is told of once, where it stands', () => {
    const node = {
      $dynamicAnchor: 'node',
      properties: { kids: { $dynamicRef: '#node' }, x: { $ref: '#no' } },
    }
    const parsed = parseSpec(
      withBody({ $ref: '#/components/schemas/N' }, { components: { schemas: { N: node } } }),
    )
    const bad = parsed.warnings.filter(({ code }) => code === 'DANGLING_REF')
    expect(bad.map(({ pointer }) => pointer)).toEqual(['/components/schemas/N/properties/x'])
  })

  test('what is not UTF-8 at all is read as Windows-1252', () => {
    const parsed = parseSpec(Buffer.from(json.replace('"t"', '"\x93caf\xe9\x94"'), 'latin1'))
    expect(parsed.title).toBe('“café”')
    expect(codes(parsed)).toContain('BAD_ENCODING')
  })

  test('of UTF-8 what is invalid is replaced', () => {
    const [before, after] = json.split('"t"')
    const title = Buffer.from([0x22, 0xc3, 0xa9, 0xe9, 0x22])
    const parsed = parseSpec(
      Buffer.concat([Buffer.from(before ?? ''), title, Buffer.from(after ?? '')]),
    )
    expect(parsed.title).toBe('é\uFFFD')
    expect(codes(parsed)).toContain('BAD_ENCODING')
  })

  test('NULs are left out, lone surrogates replaced', () => {
    const parsed = parseSpec(json.replace('"t"', '"a\0b \\ud800c"'))
    expect(parsed.title).toBe('ab \uFFFDc')
    expect(codes(parsed)).toContain('CONTROL_CHARS')
  })

  test('a path given twice keeps both operations, in YAML and JSON', () => {
    const yaml = `${HEAD}paths:\n  /a:\n    get: {operationId: one}\n  /a:\n    post: {operationId: two}\n`
    const twice =
      '{"openapi":"3.0.0","info":{"title":"t"},"paths":{"/a":{"get":{"operationId":"one"}},' +
      '"/a":{"post":{"operationId":"two"}}}}'
    for (const input of [yaml, twice]) {
      const parsed = parseSpec(input)
      expect(keys(parsed)).toEqual(['GET /a', 'POST /a'])
      expect(codes(parsed)).toContain('DUP_KEY')
    }
    expect(parseSpec(yaml).warnings[0]?.pointer).toBe('/paths/~1a')
  })

  test('a method given twice is not blended: the later one stands', () => {
    const yaml = `${HEAD}paths:\n  /a:\n    get: {operationId: one, summary: s}\n    get: {operationId: two}\n`
    const [operation] = parseSpec(yaml).operations
    expect(operation).toMatchObject({ operationId: 'two', summary: null })
  })

  test('a method given twice, once with an escape in it, is not blended', () => {
    const paths = String.raw`{"/a":{"get":{"operationId":"one"},"\u0067et":{"operationId":"two"}}}`
    const parsed = parseSpec(`{"openapi":"3.0.0","info":{"title":"t"},"paths":${paths}}`)
    const [operation] = parsed.operations
    expect(operation).toMatchObject({ operationId: 'two' })
    expect(operation?.definition).toContain('"operationId":"two"')
    expect(codes(parsed)).toContain('DUP_KEY')
  })

  test('references on the way of references, twenty thousand of them, lead nowhere', () => {
    const links = Array.from({ length: 20_000 }, (_, n) => [`d${n}`, { $ref: `#/x/d${n + 1}/y` }])
    const parameters = [{ $ref: '#/x/d0/y' }]
    const parsed = parseSpec(
      spec({ paths: { '/a': { get: { ...OK, parameters } } }, x: Object.fromEntries(links) }),
    )
    expect(keys(parsed)).toEqual(['GET /a'])
    expect(codes(parsed)).toContain('DANGLING_REF')
  })

  test('paths that refer to all paths have no operations, and the others keep theirs', () => {
    const all = Array.from({ length: 3_000 }, (_, n) => [`/p${n}`, { $ref: '#/paths' }])
    const paths = { ...Object.fromEntries(all), '/a': { get: OK } }
    const parsed = parseSpec(spec({ paths }))
    expect(keys(parsed)).toEqual(['GET /a'])
    expect(codes(parsed)).toContain('DANGLING_REF')
  })

  test('merge keys merge, and what is written beside them wins without a warning', () => {
    const yaml = `${HEAD}x: &b {summary: base, tags: [t]}\npaths:\n  /a:\n    get: {<<: *b, summary: own}\n`
    const parsed = parseSpec(yaml)
    expect(parsed.operations[0]).toMatchObject({ summary: 'own', tags: ['t'] })
    expect(codes(parsed)).not.toContain('DUP_KEY')
  })

  test.each(['null', '', 'text', '[null, 7, {tags: [t]}]', '{tags: [t]}'])(
    'a merge key before %j adds what there is',
    (value) => {
      const parsed = parseSpec(
        `${HEAD}paths:\n  /a:\n    get:\n      <<: ${value}\n      summary: s\n`,
      )
      const tags = value.includes('tags') ? ['t'] : []
      expect(parsed.operations).toMatchObject([{ summary: 's', tags }])
      const odd = parsed.warnings.filter(({ code }) => code === 'BAD_TYPE')
      const pointers = value.startsWith('{') ? [] : ['/paths/~1a/get']
      expect(odd.map(({ pointer }) => pointer)).toEqual(pointers)
    },
  )

  test('merge keys that copy millions of keys are refused', () => {
    const base = Array.from({ length: 3_000 }, (_, n) => `k${n}: 1`).join(', ')
    const merges = '  - {<<: *b}\n'.repeat(400)
    expect(refusal(`${HEAD}x: &b {${base}}\ny:\n${merges}`).message).toMatch(
      /^ALIAS_BUDGET: the merge keys copy more than 1000000 keys/,
    )
  })

  test.each([
    ['!<tag:yaml.org,2002:str> s', 's', false],
    ['!!str s', 's', false],
    ['!<tag:example.com,2000:word> s', 's', true],
    ['!!python/unicode s', 's', true],
    ['!!int s', 's', false],
    ['!!float 1.50', '1.5', false],
  ])('the tag of %s is no reason to refuse it', (written, summary, isNamed) => {
    const parsed = parseSpec(
      `${HEAD}paths: {/a: {get: {summary: ${written}, deprecated: !!bool yes}}}`,
    )
    expect(parsed.operations).toMatchObject([{ summary, isDeprecated: true }])
    expect(codes(parsed).includes('BAD_TYPE')).toBe(isNamed)
  })

  test('what stands behind tags of other programs is kept', () => {
    const parsed = parseSpec(
      `${HEAD}paths:\n  /a:\n    get: !Map\n      summary: !Sub "of \${Stage}"\n      tags: !Split [a, b]\n` +
        '  /b: !include b.yaml\n  /c: !!set {x-a}\n' +
        '  /d: {get: {summary: !!timestamp 2001-12-14, tags: !!omap [a]}}\n',
    )
    expect(parsed.operations).toMatchObject([
      { summary: 'of ${Stage}', tags: ['a', 'b'] },
      { summary: '2001-12-14', tags: ['a'] },
    ])
    const messages = parsed.warnings.map(({ message }) => message)
    const names = '(!Map, !Sub, !Split, !include, !!set, !!timestamp, !!omap)'
    expect(messages).toContainEqual(expect.stringContaining(names))
  })

  test('keys that are no text are left out, the rest is kept', () => {
    const parsed = parseSpec(
      `${HEAD}paths:\n  ? [a, b]\n  : {get: {}}\n  /a:\n    get: {{ .Values.get }}\n    put: {}\n`,
    )
    expect(keys(parsed)).toEqual(['GET /a', 'PUT /a'])
    const places = parsed.warnings.filter(({ code }) => code === 'BAD_TYPE')
    expect(places.map(({ pointer }) => pointer)).toEqual(['/paths', '/paths/~1a/get'])
  })

  test('an alias to what contains it becomes a $ref', () => {
    const parsed = parseSpec(
      `${HEAD}paths:\n  /a:\n    get:\n      responses:\n        "200": {content: {application/json: {schema: {$ref: "#/components/schemas/A"}}}}\n` +
        'components:\n  schemas:\n    A: &A\n      properties:\n        self: *A\n',
    )
    expect(codes(parsed)).toContain('CIRCULAR_REF')
    expect(parsed.components[0]?.definition).toBe(
      '{"properties":{"self":{"$ref":"#/components/schemas/A"}}}',
    )
  })

  test('cyclic documents with a key given twice end', () => {
    const twice = 'a: &a {x: *a}\na: &b {x: *b}\n'
    expect(codes(parseSpec(`${HEAD}paths: {}\n${twice}`))).toContain('DUP_KEY')
  })

  test('words, dates and versions stay text; numbers for versions are noted', () => {
    const parsed = parseSpec(
      'openapi: 3.0\ninfo: {title: NO, version: 1.10}\npaths:\n  /a:\n    get: {operationId: no, summary: 2024-01-01, deprecated: yes, tags: [on, 1, null]}\n',
    )
    expect(parsed).toMatchObject({ dialect: '3.0', title: 'NO', version: '1.10' })
    expect(parsed.operations[0]).toMatchObject({
      operationId: 'no',
      summary: '2024-01-01',
      isDeprecated: true,
      tags: ['on', '1'],
    })
    expect(codes(parsed)).toContain('VERSION_COERCED')
  })

  test('of several documents the first that is an API document is used', () => {
    const second = parseSpec(
      `# notes\n---\na: [1]\n---\n- list\n---\n${HEAD}paths: {/a: {get: {}}}`,
    )
    expect(keys(second)).toEqual(['GET /a'])
    expect(second.warnings[0]).toMatchObject({
      code: 'MULTI_DOC',
      message: expect.stringContaining('an API document (number 3)'),
    })
    expect(refusal('a: 1\n---\nb: 2\n').message).toMatch(/^NOT_OPENAPI: .*keys: a/)
    const parsed = parseSpec(`${HEAD}paths: {}\n---\n${HEAD.replace('t,', 'two,')}`)
    expect(parsed.title).toBe('t')
    expect(codes(parsed)).toContain('MULTI_DOC')
  })

  test('names of the language are names like others, and nothing is polluted', () => {
    const parsed = parseSpec(
      '{"openapi":"3.0.0","info":{"title":"t"},"paths":{"__proto__":{"get":{"operationId":"evil","polluted":1}},' +
        '"/constructor":{"get":{"operationId":"toString","responses":{"200":{"$ref":"#/__proto__/polluted"}}}}}}',
    )
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
    expect(keys(parsed)).toEqual(['GET __proto__', 'GET /constructor'])
    expect(codes(parsed)).toContain('DANGLING_REF')
  })

  test('circles of references are accepted and marked', () => {
    const schemas = (parts: object) => ({ components: { schemas: parts } })
    const ref = (name: string) => ({ $ref: `#/components/schemas/${name}` })
    const self = parseSpec(withBody(ref('N'), schemas({ N: ref('N') })))
    expect(codes(self)).toContain('CIRCULAR_REF')
    const three = parseSpec(withBody(ref('A'), schemas({ A: ref('B'), B: ref('C'), C: ref('A') })))
    expect(pointers(three)).toHaveLength(3)
    const tree = { properties: { kids: { items: ref('T') } } }
    expect(codes(parseSpec(withBody(ref('T'), schemas({ T: tree }))))).not.toContain('CIRCULAR_REF')
  })

  test.each([
    ['#/components/schemas/Missing', 'DANGLING_REF'],
    ['#', 'DANGLING_REF'],
    ['#/%zz/\0', 'DANGLING_REF'],
    ['http://127.0.0.1:1/x.json#/S', 'EXTERNAL_REF'],
    ['http://169.254.169.254/latest', 'EXTERNAL_REF'],
    ['file:///etc/hostname', 'EXTERNAL_REF'],
    ['../../etc/passwd', 'EXTERNAL_REF'],
  ])('the reference %s is kept and named', ($ref, code) => {
    const parsed = parseSpec(withBody({ $ref }))
    expect(keys(parsed)).toEqual(['POST /a'])
    expect(parsed.warnings.filter((warning) => warning.code === code)).toEqual([
      expect.objectContaining({
        pointer: '/paths/~1a/post/requestBody/content/application~1json/schema',
      }),
    ])
  })

  test('an operation in another file is kept by its method and path', () => {
    const parsed = parseSpec(
      spec({ paths: { '/a': { $ref: './a.yaml' }, '/b': { get: { $ref: 'b.yml' } } } }),
    )
    expect(keys(parsed)).toEqual(['GET /b'])
    expect(parsed.warnings.map(({ code, pointer }) => `${code} ${pointer}`)).toEqual(
      expect.arrayContaining(['EXTERNAL_REF /paths/~1a', 'EXTERNAL_REF /paths/~1b/get']),
    )
  })

  test('wrong types: the usable parts are kept', () => {
    const parsed = parseSpec(
      spec({
        info: 'x',
        paths: {
          '/a': null,
          '/b': [],
          '/c': {
            get: 'no',
            post: { summary: 5, tags: 'a', parameters: {}, responses: [], security: 'k' },
            parameters: 'x',
          },
          nope: { GET: {} },
        },
        servers: 'none',
        components: [],
      }),
    )
    expect(keys(parsed)).toEqual(['POST /c', 'GET nope'])
    expect(parsed.operations[0]).toMatchObject({ summary: '5', tags: ['a'], parameters: [] })
    const places = parsed.warnings
      .filter(({ code }) => code === 'BAD_TYPE')
      .map((one) => one.pointer)
    expect(places).toEqual(
      expect.arrayContaining([
        '/info',
        '/paths/~1a',
        '/paths/~1b',
        '/paths/~1c/get',
        '/paths/~1c/post/responses',
      ]),
    )
  })

  test.each(['paths:\n', 'paths: {}\n', '', 'paths: []\n'])('no operations: %j', (paths) => {
    expect(parseSpec(HEAD + paths).operations).toEqual([])
  })

  test('a description of 2 MB is cut for search and kept in the definition', () => {
    const description = 'word '.repeat(400_000)
    const parsed = parseSpec(spec({ paths: { '/a': { get: { ...OK, description } } } }))
    expect(parsed.operations[0]?.description?.length).toBeLessThanOrEqual(2_000)
    expect(codes(parsed)).toContain('TRUNCATED_TEXT')
  })

  test('thousands of warnings of a kind are summed up', () => {
    const paths = Object.fromEntries(Array.from({ length: 3_000 }, (_, i) => [`/p${i}`, null]))
    const { warnings } = parseSpec(spec({ paths }))
    expect(warnings.length).toBeLessThan(250)
    expect(warnings.at(-1)?.message).toMatch(/2800 more/)
  })

  test('a warning about a name that no database takes can be stored', () => {
    const paths = {
      '/x\0y': { get: OK, 'ge\0t': OK },
      '/z\uD800': { get: { ...OK, summary: '\0', operationId: 'a\0' }, post: 'no' },
      '/r': { get: { $ref: 'http://x/\0\uDFFF' } },
    }
    const parsed = parseSpec(spec({ paths, components: { securitySchemes: { 'a\0': {} } } }))
    expect(parsed.operations).toHaveLength(3)
    expect(parsed.warnings.length).toBeGreaterThan(4)
    for (const { pointer, message } of parsed.warnings) {
      expect(pointer + message).not.toMatch(/\p{Cc}|\p{Surrogate}/u)
    }
    for (const { pointer } of parsed.components) expect(pointer).not.toMatch(/\p{Cc}/u)
  })

  test('paths that are one when unseen characters are gone are kept once; too long ones are left out', () => {
    const paths = {
      '/a': { get: OK },
      '/a\u200B': { get: OK },
      [`/${'x'.repeat(3_000)}`]: { get: OK },
    }
    const parsed = parseSpec(spec({ paths }))
    expect(keys(parsed)).toEqual(['GET /a'])
    expect(codes(parsed)).toEqual(expect.arrayContaining(['CONTROL_CHARS', 'DUP_KEY', 'BAD_TYPE']))
  })
})
