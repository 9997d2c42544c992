/** What parsing gives: all that could be read, and a warning for each thing that could not. */
export interface ParsedSpec {
  /** Cleaned, at most 200 characters; null where the document has none. */
  title: string | null
  /** `info.version` as text. */
  version: string | null
  description: string | null
  /** The `openapi` or `swagger` field as text: `3.0.3`. */
  dialect: string
  operations: ParsedOperation[]
  /**
   * Everything that some `$ref` in the document names, and the security schemes, each once, under
   * its JSON pointer.
   */
  components: ParsedComponent[]
  warnings: SpecWarning[]
}

export interface ParsedOperation {
  /** Upper case. */
  method: string
  /** Exactly as written; `webhook:name` for a webhook. Key of an operation: `METHOD path`. */
  path: string
  operationId: string | null
  /** Cleaned search text; null where absent. */
  summary: string | null
  /** Cleaned search text, at most 2,000 characters. */
  description: string | null
  tags: string[]
  isDeprecated: boolean
  /** Names of all parameters, path-level ones included. */
  parameters: string[]
  /** Names of the request body's top-level properties. */
  bodyProperties: string[]
  /** One line for a search result: `(owner, repo, body: {title}) → Issue`. */
  signature: string
  /** JSON text of an `OperationDefinition`. */
  definition: string
  /** Pointers of the components that the definition names itself, security schemes included. */
  references: readonly string[]
}

/**
 * What rendering needs of one operation and finds nowhere else: the operation object as written,
 * with the inherited parts that apply to it filled in.
 */
export interface OperationDefinition {
  /** The operation object, path-level parameters merged in. `$ref`s stay. */
  operation: Record<string, unknown>
  /** The servers that apply (operation's, else path's, else the document's), as written. */
  servers: unknown[]
  /** The security requirements that apply, as written; null where the document says nothing. */
  security: unknown[] | null
}

/** A definition with what is kept beside it. */
export interface NamedDefinition extends OperationDefinition {
  method: string
  path: string
  /** Where the document was fetched from; its relative servers begin there. */
  documentUrl?: string | undefined
}

export interface ParsedComponent {
  /** `#/components/schemas/Pet`, exactly as a `$ref` spells it after `%`-decoding. */
  pointer: string
  /** JSON text. */
  definition: string
  /** Pointers of the components that the definition names itself. */
  references: readonly string[]
}

export interface SpecWarning {
  /** `DANGLING_REF`, `DUP_OPERATION_ID`, … (docs/documents.md lists them). */
  code: string
  /** JSON pointer into the document, `` for the whole of it. */
  pointer: string
  message: string
  /** Of a bundle: the file it is about, and the pointer goes into. */
  file?: string
  /** Where that is in the text, from 1, where it is known. */
  line?: number
}
