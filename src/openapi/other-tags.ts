import { defineMappingTag, defineScalarTag, defineSequenceTag, seqTag } from 'js-yaml'
import type { JsonObject } from './json-value.js'

/** How YAML's own tags begin, which are written `!!name`. */
const YAML = 'tag:yaml.org,2002:'
/** Types of YAML 1.1 that are none in 1.2, by the kind of node they stand before. */
const OLD_TAGS = {
  scalar: ['binary', 'timestamp'],
  list: ['omap', 'pairs'],
  mapping: ['set'],
} as const
/** Tags of a document, `!Sub`. */
const LOCAL = '!'
/** Enough to know that the document has such tags and to name some. */
const MAX_NAMES = 20

type MappingTag = ReturnType<typeof defineMappingTag<JsonObject>>

/**
 * `!Sub`, `!include`, `!!timestamp` and what else means something to another program: the text, list
 * or mapping behind such a tag is read as if it had none. Their names are put into `names`. Other
 * types of YAML (`!!js/function`) are not among them, so the library refuses those.
 */
export function otherTags({ create, ...mapping }: MappingTag, names: Set<string>) {
  const note = (name: string) => {
    if (names.size < MAX_NAMES) names.add(name.replace(YAML, '!!'))
  }
  const scalar = (tag: string, matchByTagPrefix: boolean) =>
    defineScalarTag(tag, {
      matchByTagPrefix,
      identify: () => false,
      resolve: (source, _, name) => {
        note(name)
        return source
      },
    })
  const list = (tag: string, matchByTagPrefix: boolean) =>
    defineSequenceTag(tag, {
      matchByTagPrefix,
      identify: () => false,
      addItem: seqTag.addItem,
      create: (name) => {
        note(name)
        return seqTag.create(name)
      },
    })
  const object = (tag: string, matchByTagPrefix: boolean) =>
    defineMappingTag(tag, {
      ...mapping,
      matchByTagPrefix,
      create: (name) => {
        note(name)
        return create(name)
      },
    })
  return [
    ...[scalar, list, object].map((define) => define(LOCAL, true)),
    ...OLD_TAGS.scalar.map((name) => scalar(YAML + name, false)),
    ...OLD_TAGS.list.map((name) => list(YAML + name, false)),
    ...OLD_TAGS.mapping.map((name) => object(YAML + name, false)),
  ]
}
