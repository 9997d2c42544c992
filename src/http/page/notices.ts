/** What an action that leads to another page says there, by a word in that page's address. */
const NOTICES: Readonly<Record<string, string>> = {
  deleted: 'The spec is deleted, with all its revisions.',
  refreshed: 'Its document had changed: this is the new revision.',
  unchanged: 'Its document has not changed since it was fetched.',
  'not-refreshed': 'It could not be refreshed, and stays as it is.',
  'rolled-back': 'It is as it was in that revision again.',
}

export function noticeFor(word: string | undefined): string | undefined {
  return word !== undefined && Object.hasOwn(NOTICES, word) ? NOTICES[word] : undefined
}
