import type { ElicitRequestFormParams, McpServer } from '@modelcontextprotocol/server'
import * as z from 'zod'
import { said } from './plain-tools.js'

type AskedSchema = ElicitRequestFormParams['requestedSchema']

function question(message: string, requestedSchema: AskedSchema) {
  return {
    method: 'elicitation/create' as const,
    params: { mode: 'form' as const, message, requestedSchema },
  }
}

/**
 * Tools that ask a client of an older revision something in the middle of a call. They `send` it on
 * the call's own stream; the SDK's `elicitInput` and `requestSampling` take the session's, which a
 * client may not have opened yet.
 */
export function registerAskingTools(server: McpServer): void {
  server.registerTool(
    'test_sampling',
    { description: 'Asks the client’s model.', inputSchema: z.object({ prompt: z.string() }) },
    async ({ prompt }, { mcpReq }) => {
      const { content } = await mcpReq.send({
        method: 'sampling/createMessage',
        params: {
          messages: [{ role: 'user', content: { type: 'text', text: prompt } }],
          maxTokens: 100,
        },
      })
      return said(`LLM response: ${'text' in content ? content.text : JSON.stringify(content)}`)
    },
  )
  server.registerTool(
    'test_elicitation',
    { description: 'Asks the user.', inputSchema: z.object({ message: z.string() }) },
    async ({ message }, { mcpReq }) => {
      const answer = await mcpReq.send(question(message, WHO))
      return said(`User response: ${JSON.stringify(answer)}`)
    },
  )
  const asking: [name: string, schema: AskedSchema][] = [
    ['test_elicitation_sep1034_defaults', DEFAULTS],
    ['test_elicitation_sep1330_enums', CHOICES],
  ]
  for (const [name, requestedSchema] of asking) {
    server.registerTool(name, { description: 'Asks the user.' }, async ({ mcpReq }) => {
      const { action, content } = await mcpReq.send(
        question('Please fill in what follows.', requestedSchema),
      )
      return said(`Elicitation completed: action=${action}, content=${JSON.stringify(content)}`)
    })
  }
}

const WHO: AskedSchema = {
  type: 'object',
  properties: {
    username: { type: 'string', description: "User's response" },
    email: { type: 'string', description: "User's email address" },
  },
  required: ['username', 'email'],
}

const DEFAULTS: AskedSchema = {
  type: 'object',
  properties: {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  },
  required: [],
}

const plain = ['option1', 'option2', 'option3']
const titled = (what: string) =>
  ['First', 'Second', 'Third'].map((nth, n) => ({
    const: `value${n + 1}`,
    title: `${nth} ${what}`,
  }))

const CHOICES: AskedSchema = {
  type: 'object',
  properties: {
    untitledSingle: { type: 'string', enum: plain },
    titledSingle: { type: 'string', oneOf: titled('Option') },
    legacyEnum: {
      type: 'string',
      enum: ['opt1', 'opt2', 'opt3'],
      enumNames: ['Option One', 'Option Two', 'Option Three'],
    },
    untitledMulti: { type: 'array', items: { type: 'string', enum: plain } },
    titledMulti: { type: 'array', items: { anyOf: titled('Choice') } },
  },
  required: [],
}
