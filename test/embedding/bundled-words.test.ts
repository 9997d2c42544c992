import { describe, expect, it } from 'vitest'
import { clausesOf } from '../../src/embedding/clauses.js'
import { Vocabulary } from '../../src/embedding/bundled/vocabulary.js'
import { lightStem, wordsOf } from '../../src/embedding/bundled/words.js'

describe('words of a text', () => {
  it.each([
    ['listUsers', ['list', 'users']],
    ['getHTTPServerError', ['get', 'http', 'server', 'error']],
    ['/repos/{owner}/pulls/{pull_number}', ['repos', 'owner', 'pulls', 'pull', 'number']],
    ['OAuth2 sign-in, v1.1!', ['o', 'auth', 'sign', 'in', 'v']],
    ['Créer un événement', ['creer', 'un', 'evenement']],
    ['ユーザー 作成', ['ユーサー', '作成']],
    ['42 // --', []],
    ['', []],
  ])('%j is %j', (text, words) => {
    expect(wordsOf(text)).toEqual(words)
  })

  it.each([
    [['change', 'changes', 'changed', 'changing'], 'chang'],
    [['policy', 'policies'], 'policy'],
    [['movie', 'movies'], 'movy'],
    [['stop', 'stops', 'stopped', 'stopping'], 'stop'],
    [['class', 'classes'], 'class'],
    [['status', 'statuses'], 'status'],
  ])('%j share the stem %j', (forms, stem) => {
    expect(forms.map(lightStem)).toEqual(forms.map(() => stem))
  })
})

describe('a vocabulary', () => {
  const words = ['ticket', 'queue', 'user', 'archive', 'the', 'id', 'book', 'marks', 'bookmark']
  const vocabulary = new Vocabulary(new Map(words.map((word, row) => [word, row])))
  const found = (word: string): string[] => vocabulary.rowsOf(word).map((row) => words[row]!)

  it('knows a word as it is written', () => {
    expect(found('ticket')).toEqual(['ticket'])
  })

  it('knows another form of a word', () => {
    expect(found('users')).toEqual(['user'])
    expect(found('bookmarks')).toEqual(['bookmark'])
  })

  it('knows words that are written as one', () => {
    expect(found('ticketqueue')).toEqual(['ticket', 'queue'])
    expect(found('userticketqueue')).toEqual(['user', 'ticket', 'queue'])
  })

  it('does not know the rest', () => {
    expect(found('zzz')).toEqual([])
    expect(found('ticketzzz')).toEqual([])
    expect(found('')).toEqual([])
    expect(found('ticket'.repeat(1000))).toEqual([])
  })
})

describe('clauses of a question', () => {
  it('are none in a short question', () => {
    expect(clausesOf('create a user, then add it to a group')).toEqual([])
  })

  it('are parted at punctuation and at "and", "then", "also"', () => {
    const question =
      'Find the open invoices of a customer, cancel them and then refund the payments; also mail it.'
    expect(clausesOf(question).map((clause) => clause.trim())).toEqual([
      'Find the open invoices of a customer',
      'cancel them',
      'refund the payments',
      'mail it',
    ])
  })

  it('are none in a long question of one piece', () => {
    const question = 'what is the name of the person who last changed the title of this ticket'
    expect(clausesOf(question)).toEqual([])
  })

  it('are not parted inside a word or a number', () => {
    const question =
      'find all 1.5 litre bottles of the brand candy that someone sold in the thenar region'
    expect(clausesOf(question)).toEqual([])
  })
})
