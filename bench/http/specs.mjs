// Made-up specs whose operations all differ in their text, and questions that some of them answer.

const VERBS = [
  'list',
  'read',
  'change',
  'archive',
  'share',
  'lock',
  'label',
  'price',
  'count',
  'merge',
]
const THINGS =
  'invoice shipment patient booking ticket recipe vehicle contract lesson payment sensor parcel tenant voucher camera orchard'.split(
    ' ',
  )
const TRAITS =
  'overdue pending frozen regional weekly draft public hidden signed expired daily leased'.split(
    ' ',
  )

/** A document of so many operations. */
export function makeSpec(name, operations) {
  const paths = {}
  for (let n = 0; n < operations; n++) {
    const [verb, thing, trait] = [at(VERBS, n), at(THINGS, n / 10), at(TRAITS, n / 160)]
    paths[`/${name}/${trait}-${thing}s/${n}/${verb}`] = {
      [n % 3 === 0 ? 'post' : 'get']: {
        operationId: `${verb}${n}`,
        summary: `${verb} the ${trait} ${thing} number ${n} of ${name}`,
        description: `Gives the ${thing} with its owner and when it was changed last.`,
        parameters: [{ name: 'page', in: 'query', schema: { type: 'integer' } }],
        responses: { 200: { description: 'OK' } },
      },
    }
  }
  return JSON.stringify({ openapi: '3.1.0', info: { title: name, version: '1' }, paths })
}

export const QUESTIONS = [
  'how do I archive an overdue invoice',
  'count weekly shipments of a region',
  'share a signed contract with somebody',
  'who may lock a patient record',
  'merge two pending bookings',
  'read the price of a voucher',
]

function at(words, n) {
  return words[Math.floor(n) % words.length]
}
