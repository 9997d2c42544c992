/**
 * What can change in an operation between two revisions, and whether it breaks clients that were
 * right before. One principle decides: a change breaks when a request that was valid no longer is,
 * or means less than it did, or when an answer may hold or lack what it could not before. New
 * properties of an answer are the exception, since clients are expected to ignore what they do not
 * know. docs/revisions.md says each rule with its reason.
 */
export const RULES = {
  'operation-id-changed': false,
  'operation-deprecated': false,
  'operation-undeprecated': false,
  'text-changed': false,
  'not-compared': true,
  'server-removed': true,
  'server-added': false,

  'parameter-added': false,
  'parameter-added-required': true,
  'parameter-removed': true,
  'parameter-required': true,
  'parameter-optional': false,
  'parameter-deprecated': false,

  'body-added': false,
  'body-added-required': true,
  'body-removed': true,
  'body-required': true,
  'body-optional': false,
  'request-media-added': false,
  'request-media-removed': true,

  'response-added': false,
  'response-removed': true,
  'error-added': false,
  'error-removed': false,
  'response-media-added': false,
  'response-media-removed': true,
  'response-header-added': false,
  'response-header-removed': true,

  'security-added': false,
  'security-removed': true,

  'request-property-added': false,
  'request-property-added-required': true,
  'request-property-removed': true,
  'request-property-required': true,
  'request-property-optional': false,
  'request-type-narrowed': true,
  'request-type-widened': false,
  'request-type-changed': true,
  'request-enum-narrowed': true,
  'request-enum-widened': false,
  'request-format-changed': true,
  'request-limit-tightened': true,
  'request-limit-loosened': false,
  'request-variant-added': false,
  'request-variant-removed': true,
  'request-closed': true,
  'request-opened': false,
  'request-default-changed': false,

  'response-property-added': false,
  'response-property-removed': true,
  'response-property-required': false,
  'response-property-optional': true,
  'response-type-narrowed': false,
  'response-type-widened': true,
  'response-type-changed': true,
  'response-enum-narrowed': false,
  'response-enum-widened': true,
  'response-format-changed': true,
  'response-variant-added': true,
  'response-variant-removed': false,
} as const satisfies Record<string, boolean>

export type Rule = keyof typeof RULES

/** Whether a request is sent by the client, or an answer read by it. */
export type Direction = 'request' | 'response'

/** One difference between two revisions of an operation. */
export interface Change {
  rule: Rule
  /** `query.limit`, `body.owner.name`, `response.200.items.id`; empty for the operation itself. */
  where: string
  /** What changed, in a few words: `integer → string`; empty where the rule says it all. */
  detail: string
  isBreaking: boolean
}

export function changeOf(rule: Rule, where: string, detail = ''): Change {
  return { rule, where, detail, isBreaking: RULES[rule] }
}
