/** What is written before a text so that the model knows which side of a search it is. */
export interface Recipe {
  /** Part of the embedding space: a change of prefixes or of `operation-text.ts` is a new name. */
  name: string
  document: string
  query: string
}

const SEARCH_SENTENCE = 'Represent this sentence for searching relevant passages: '

/** The form that the makers of instructed models give; the sentence names our search. */
const INSTRUCTION =
  'Instruct: Given a description of a task, retrieve the API operation that does it\nQuery: '

/** As the models' own cards say. The first that fits a model's name counts. */
const RECIPES: [name: RegExp, recipe: Recipe][] = [
  [/nomic-embed-text/, recipe('nomic-text-1', 'search_document: ', 'search_query: ')],
  [
    /embeddinggemma/,
    recipe('gemma-text-1', 'title: none | text: ', 'task: search result | query: '),
  ],
  [/qwen3-embedding|\be5-.*instruct/, recipe('instruct-text-1', '', INSTRUCTION)],
  [/\be5\b/, recipe('e5-text-1', 'passage: ', 'query: ')],
  [/arctic-embed2|arctic-embed-\w+-v2/, recipe('arctic2-text-1', '', 'query: ')],
  [
    /mxbai-embed|arctic-embed|bge-(?:small|base|large)(?!-zh)/,
    recipe('sentence-text-1', '', SEARCH_SENTENCE),
  ],
]

/** For models trained without prefixes (all-minilm, bge-m3, granite) and those we do not know. */
const PLAIN = recipe('text-1', '', '')

/** `model` as Ollama names it, with or without namespace and tag. */
export function recipeOf(model: string): Recipe {
  return RECIPES.find(([name]) => name.test(model.toLowerCase()))?.[1] ?? PLAIN
}

function recipe(name: string, document: string, query: string): Recipe {
  return { name, document, query }
}
