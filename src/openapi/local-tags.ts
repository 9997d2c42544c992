import { defineMappingTag, defineScalarTag, defineSequenceTag, seqTag } from 'js-yaml'
import type { JsonObject } from './json-value.js'

/** How local tags begin, and those of YAML 1.1 that are no more in 1.2. */
const BEGINNINGS = ['!', ...['binary', 'timestamp', 'set', 'omap', 'pairs'].map(fullName)]

function fullName(name: string): string {
  return `tag:yaml.org,2002:${name}`
}

/** Enough to know that the document has such tags and to name some. */
const MAX_NAMES = 20

type MappingTag = ReturnType<typeof defineMappingTag<JsonObject>>

/**
 * `!Sub`, `!include`, `!!timestamp` and what else means something to another program: the text, list
 * or mapping behind such a tag is read as if it had none. Their names are put into `names`.
 */
export function localTags(mapTag: MappingTag, names: Set<string>) {
  return BEGINNINGS.flatMap((beginning) => tagsOf(beginning, mapTag, names))
}

function tagsOf(beginning: string, { create, ...mapping }: MappingTag, names: Set<string>) {
  const note = (name: string) => {
    if (names.size < MAX_NAMES) names.add(name)
  }
  return [
    defineScalarTag(beginning, {
      matchByTagPrefix: true,
      identify: () => false,
      resolve: (source, _, name) => {
        note(name)
        return source
      },
    }),
    defineSequenceTag(beginning, {
      matchByTagPrefix: true,
      identify: () => false,
      addItem: seqTag.addItem,
      create: (name) => {
        note(name)
        return seqTag.create(name)
      },
    }),
    defineMappingTag(beginning, {
      ...mapping,
      matchByTagPrefix: true,
      create: (name) => {
        note(name)
        return create(name)
      },
    }),
  ]
}
