/**
 * The words of a text in order, lower case, with repeats: camelCase is split, accents are dropped,
 * and everything that is no letter parts two words.
 */
export function wordsOf(text: string): string[] {
  return (
    text
      .normalize('NFKD')
      .replace(/\p{M}+/gu, '')
      .replace(/(\p{Ll})(\p{Lu})/gu, '$1 $2')
      .replace(/(\p{Lu})(\p{Lu}\p{Ll})/gu, '$1 $2')
      .toLowerCase()
      .match(/\p{L}+/gu) ?? []
  )
}

/**
 * The stem that forms of one word share: plural, -ing, -ed and a last e are taken off
 * (`changes`, `changed`, `changing` → `chang`). Words of three letters and less stay.
 */
export function lightStem(word: string): string {
  let stem = word
  if (stem.length > 4 && stem.endsWith('ies')) stem = `${stem.slice(0, -3)}y`
  else if (stem.length > 3 && hasPluralS(stem)) stem = stem.slice(0, -1)
  if (stem.length > 5 && stem.endsWith('ing')) stem = singleEnd(stem.slice(0, -3))
  else if (stem.length > 4 && stem.endsWith('ed')) stem = singleEnd(stem.slice(0, -2))
  if (stem.length > 4 && stem.endsWith('ie')) return `${stem.slice(0, -2)}y`
  return stem.length > 3 && stem.endsWith('e') ? stem.slice(0, -1) : stem
}

/** Not the s of `access`, `analysis`, `status`. */
function hasPluralS(word: string): boolean {
  return word.endsWith('s') && !'siu'.includes(word.at(-2)!)
}

/** `stopp` → `stop`, while `call` and `pass` keep both letters. */
function singleEnd(stem: string): string {
  return /([bdgmnprt])\1$/.test(stem) ? stem.slice(0, -1) : stem
}
