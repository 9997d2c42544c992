/** The command that does what a tool does. */
const COMMANDS: Readonly<Record<string, string>> = {
  upload_spec: 'upload',
  search_operations: 'search',
  get_operation: 'get',
  embedding_status: 'status',
  reembed_spec: 'reembed',
  list_specs: 'list',
  delete_spec: 'delete',
  compare_revisions: 'diff',
}

/** What somebody wrote is quoted, and stays as it is. */
const QUOTED_OR_TOOL = new RegExp(`"[^"]*"|\`?\\b(${Object.keys(COMMANDS).join('|')})\\b\`?`, 'g')

/** A sentence made for agents in the words of the command line: `list_specs` is `list` there. */
export function inCommands(sentence: string): string {
  return sentence.replace(QUOTED_OR_TOOL, (whole, tool: string | undefined) =>
    tool === undefined ? whole : `\`${COMMANDS[tool]}\``,
  )
}
