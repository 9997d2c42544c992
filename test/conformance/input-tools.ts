import { randomBytes } from 'node:crypto'
import {
  acceptedContent,
  CLIENT_CAPABILITIES_META_KEY,
  createRequestStateCodec,
  inputRequired,
  inputResponse,
  type ClientCapabilities,
  type InputRequests,
  type McpServer,
  type ServerContext,
} from '@modelcontextprotocol/server'
import * as z from 'zod'
import { said } from './plain-tools.js'

/** Seals what a call is to find again when it is made once more. */
export const stateCodec = createRequestStateCodec<{ step: number }>({ key: randomBytes(32) })

const askName = (message: string) =>
  inputRequired.elicit({ message, requestedSchema: z.object({ name: z.string() }) })
const askModel = (text: string, maxTokens: number) =>
  inputRequired.createMessage({
    messages: [{ role: 'user', content: { type: 'text', text } }],
    maxTokens,
  })
const confirm = inputRequired.elicit({
  message: 'Please confirm',
  requestedSchema: z.object({ ok: z.boolean() }),
})

/** Tools that ask a client of 2026-07-28 to come again with something more. */
export function registerInputTools(server: McpServer): void {
  const tool = (name: string, answer: (mcpReq: ServerContext['mcpReq']) => unknown) =>
    server.registerTool(
      name,
      { description: name },
      async ({ mcpReq }) => (await answer(mcpReq)) as ReturnType<typeof said>,
    )

  for (const name of ['test_input_required_result_elicitation', 'test_streaming_elicitation']) {
    tool(name, ({ inputResponses }) => {
      const given = acceptedContent(inputResponses, 'user_name', z.object({ name: z.string() }))
      if (given) return said(`Hello, ${given.name}!`)
      return inputRequired({ inputRequests: { user_name: askName('What is your name?') } })
    })
  }
  tool('test_input_required_result_sampling', ({ inputResponses }) => {
    const answer = inputResponse(inputResponses, 'capital_question')
    if (answer.kind === 'sampling') return said(JSON.stringify(answer.result.content))
    const question = askModel('What is the capital of France?', 100)
    return inputRequired({ inputRequests: { capital_question: question } })
  })
  tool('test_input_required_result_list_roots', ({ inputResponses }) => {
    const answer = inputResponse(inputResponses, 'client_roots')
    if (answer.kind === 'roots') return said(answer.roots.map(({ uri }) => uri).join(', '))
    return inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } })
  })
  const confirmed = ['test_input_required_result_request_state']
  confirmed.push('test_input_required_result_tampered_state')
  for (const name of confirmed) {
    tool(name, async ({ inputResponses, requestState }) => {
      if (requestState() !== undefined && acceptedContent(inputResponses, 'confirm')) {
        return said('state-ok')
      }
      const state = await stateCodec.mint({ step: 1 })
      return inputRequired({ inputRequests: { confirm }, requestState: state })
    })
  }
  tool('test_input_required_result_multiple_inputs', async ({ inputResponses, requestState }) => {
    const wanted = ['user_name', 'greeting', 'client_roots']
    const isAll = wanted.every((key) => inputResponse(inputResponses, key).kind !== 'missing')
    if (isAll && requestState() !== undefined) return said('All three were given.')
    return inputRequired({
      inputRequests: {
        user_name: askName('What is your name?'),
        greeting: askModel('Generate a greeting', 50),
        client_roots: inputRequired.listRoots(),
      },
      requestState: await stateCodec.mint({ step: 1 }),
    })
  })
  tool('test_input_required_result_multi_round', async ({ inputResponses, requestState }) => {
    const step = requestState<{ step: number }>()?.step ?? 0
    if (step === 2 && acceptedContent(inputResponses, 'step2')) return said('Both were given.')
    const next = step >= 1 && acceptedContent(inputResponses, 'step1') ? 2 : Math.max(step, 1)
    const question: InputRequests =
      next === 1
        ? { step1: askName('Step 1: What is your name?') }
        : {
            step2: inputRequired.elicit({
              message: 'Step 2: What is your favorite color?',
              requestedSchema: z.object({ color: z.string() }),
            }),
          }
    const state = await stateCodec.mint({ step: next })
    return inputRequired({ inputRequests: question, requestState: state })
  })
  tool('test_input_required_result_capabilities', ({ envelope }) => {
    const said: Record<string, unknown> = { ...envelope }
    const can = said[CLIENT_CAPABILITIES_META_KEY] as ClientCapabilities | undefined
    return inputRequired({
      inputRequests: {
        ...(can?.sampling ? { greeting: askModel('Generate a greeting', 50) } : {}),
        ...(can?.elicitation ? { user_name: askName('What is your name?') } : {}),
      },
    })
  })
  tool('test_missing_capability', () =>
    inputRequired({ inputRequests: { greeting: askModel('Generate a greeting', 50) } }),
  )
}
