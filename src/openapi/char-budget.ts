import { SpecError } from './spec-error.js'

/**
 * Operations and components may take so many times the length of their document, and some:
 * shared parts are repeated in them. Only a document made for it comes near.
 */
const MAX_GROWTH = 4
const GROWTH_ALLOWANCE = 16_000_000

/** What all that is made of one document may take together, in characters. */
export class CharBudget {
  readonly #maxChars: number
  #spent = 0

  /** `length` is that of the document. */
  constructor(length: number) {
    this.#maxChars = MAX_GROWTH * length + GROWTH_ALLOWANCE
  }

  /** Throws SpecError TOO_LARGE when what was spent passes what is allowed. */
  spend(chars: number): void {
    this.#spent += chars
    if (this.#spent <= this.#maxChars) return
    throw new SpecError(
      'TOO_LARGE',
      `the operations of this document unfold to more than ${this.#maxChars} characters. ` +
        'Move what they repeat to components and refer to it with $ref.',
    )
  }
}
