import { defineMappingTag, defineScalarTag, defineSequenceTag, seqTag } from 'js-yaml'
import type { JsonObject } from './json-value.js'

/** YAML's own tags begin with `tag:yaml.org,2002:`. */
const LOCAL = '!'
/** Enough to know that the document has such tags and to name some. */
const MAX_NAMES = 20

type MappingTag = ReturnType<typeof defineMappingTag<JsonObject>>

/**
 * `!Sub`, `!include` and what else means something to another program: the text, list or mapping
 * behind such a tag is read as if it had none. Their names are put into `names`.
 */
export function localTags({ create, ...mapping }: MappingTag, names: Set<string>) {
  const note = (name: string) => {
    if (names.size < MAX_NAMES) names.add(name)
  }
  return [
    defineScalarTag(LOCAL, {
      matchByTagPrefix: true,
      identify: () => false,
      resolve: (source, _, name) => {
        note(name)
        return source
      },
    }),
    defineSequenceTag(LOCAL, {
      matchByTagPrefix: true,
      identify: () => false,
      addItem: seqTag.addItem,
      create: (name) => {
        note(name)
        return seqTag.create(name)
      },
    }),
    defineMappingTag(LOCAL, {
      ...mapping,
      matchByTagPrefix: true,
      create: (name) => {
        note(name)
        return create(name)
      },
    }),
  ]
}
