/** An error of a JSON Schema validator, as Ajv gives it. */
export interface SchemaError {
  instancePath: string
  keyword: string
  params: Record<string, unknown>
  message?: string | undefined
}

/** That one of several forms should fit: the errors of the forms are given beside it. */
const FORMS = new Set(['oneOf', 'anyOf', 'if', 'not'])

/**
 * What is wrong at one place, from all that its schema's forms complain of; null where only the
 * form is wrong, which is said at the place inside it.
 */
export function schemaSentence(errors: readonly SchemaError[]): string | null {
  const hasForms = errors.some(({ keyword }) => FORMS.has(keyword))
  const parts = [
    missingFields(errors, hasForms ? ' or ' : ' and '),
    allowedValues(errors),
    extraFields(errors),
    ...errors.filter(({ keyword }) => !TOLD.has(keyword)).map(({ message }) => message ?? null),
  ].filter((part) => part !== null)
  return parts.length === 0 ? null : `By its schema this ${[...new Set(parts)].join('; ')}.`
}

/** Said by the functions below, or only around what they say. */
const TOLD = new Set([
  ...FORMS,
  'required',
  'enum',
  'const',
  'additionalProperties',
  'unevaluatedProperties',
])

const MAX_LISTED = 10

function missingFields(errors: readonly SchemaError[], between: string): string | null {
  const names = listed(errors, 'required', ({ missingProperty }) => [missingProperty])
  // Everything might be a reference instead.
  const wanted = names.filter((name) => name !== '`$ref`')
  return wanted.length === 0 ? null : `needs ${wanted.join(between)}`
}

function allowedValues(errors: readonly SchemaError[]): string | null {
  const values = [
    ...listed(errors, 'enum', (params) => params['allowedValues']),
    ...listed(errors, 'const', (params) => [params['allowedValue']]),
  ]
  return values.length === 0 ? null : `must be one of ${values.join(', ')}`
}

function extraFields(errors: readonly SchemaError[]): string | null {
  if (errors.some(({ keyword }) => FORMS.has(keyword))) return null // fields of another form
  const names = [
    ...listed(errors, 'additionalProperties', (params) => [params['additionalProperty']]),
    ...listed(errors, 'unevaluatedProperties', (params) => [params['unevaluatedProperty']]),
  ]
  return names.length === 0 ? null : `must not have ${names.join(', ')}`
}

function listed(
  errors: readonly SchemaError[],
  keyword: string,
  read: (params: Record<string, unknown>) => unknown,
): string[] {
  const values = errors
    .filter((error) => error.keyword === keyword)
    .flatMap(({ params }) => read(params))
  return [...new Set(values.map((value) => `\`${String(value)}\``))].slice(0, MAX_LISTED)
}
