import {
  boolCoreTag,
  defineScalarTag,
  floatCoreTag,
  intCoreTag,
  NOT_RESOLVED,
  nullCoreTag,
} from 'js-yaml'

/** YAML's own types of scalars; what does not fit its tag (`!!bool yes`) stays text. */
export const forgivingScalars = [nullCoreTag, boolCoreTag, intCoreTag, floatCoreTag].map((tag) =>
  defineScalarTag(tag.tagName, {
    ...tag,
    resolve: (source, isExplicit, name) => {
      const value = tag.resolve(source, isExplicit, name)
      return value === NOT_RESOLVED && isExplicit ? source : value
    },
  }),
)
