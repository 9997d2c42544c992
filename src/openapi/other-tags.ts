import {
  defineMappingTag,
  defineScalarTag,
  defineSequenceTag,
  NOT_RESOLVED,
  seqTag,
  YAMLException,
} from 'js-yaml'
import type { JsonObject } from './json-value.js'

/** How YAML's own tags begin, which are written `!!name`. */
const YAML = 'tag:yaml.org,2002:'
/** Types of programming languages (`!!js/function`), but for those that Python writes for text and lists. */
const OF_A_LANGUAGE = /^tag:yaml\.org,2002:(?!python\/(?:unicode|str|tuple|list|dict)$)[^/]*\//
/** Every tag begins so. */
const ANY = ''
/** Enough to know that the document has such tags and to name some. */
const MAX_NAMES = 20

type MappingTag = ReturnType<typeof defineMappingTag<JsonObject>>

/**
 * `!Sub`, `!include`, `!!timestamp`, `!<tag:example.com,2000:x>` and what else means something to
 * another program: the text, list or mapping behind such a tag is read as if it had none. Their names
 * are put into `names`. Types of programming languages are refused.
 */
export function otherTags({ create, ...mapping }: MappingTag, names: Set<string>) {
  const note = (name: string) => {
    if (names.size < MAX_NAMES) names.add(name.replace(YAML, '!!'))
  }
  const noteOrRefuse = (name: string) => {
    if (OF_A_LANGUAGE.test(name)) throw new YAMLException(`unknown tag !<${name}>`)
    note(name)
  }
  return [
    defineScalarTag(ANY, {
      matchByTagPrefix: true,
      identify: () => false,
      resolve: (source, _, name) => {
        if (OF_A_LANGUAGE.test(name)) return NOT_RESOLVED
        note(name)
        return source
      },
    }),
    defineSequenceTag(ANY, {
      matchByTagPrefix: true,
      identify: () => false,
      addItem: seqTag.addItem,
      create: (name) => {
        noteOrRefuse(name)
        return seqTag.create(name)
      },
    }),
    defineMappingTag(ANY, {
      ...mapping,
      matchByTagPrefix: true,
      create: (name) => {
        noteOrRefuse(name)
        return create(name)
      },
    }),
  ]
}
