import {
  acceptedContent,
  completable,
  inputRequired,
  type McpServer,
} from '@modelcontextprotocol/server'
import * as z from 'zod'
import { RED_PIXEL } from './samples.js'

const CITIES = ['paris', 'park', 'party']

function asked(...contents: Content[]) {
  return { messages: contents.map((content) => ({ role: 'user' as const, content })) }
}

type Content =
  | { type: 'text'; text: string }
  | { type: 'image'; data: string; mimeType: string }
  | { type: 'resource'; resource: { uri: string; mimeType: string; text: string } }

const text = (words: string) => ({ type: 'text' as const, text: words })

export function registerPrompts(server: McpServer): void {
  server.registerPrompt('test_simple_prompt', { description: 'A text.' }, () =>
    asked(text('This is a simple prompt for testing.')),
  )
  server.registerPrompt(
    'test_prompt_with_arguments',
    {
      description: 'A text with two arguments.',
      argsSchema: z.object({
        arg1: completable(z.string(), (typed) => CITIES.filter((city) => city.startsWith(typed))),
        arg2: z.string(),
      }),
    },
    ({ arg1, arg2 }) => asked(text(`Prompt with arguments: arg1='${arg1}', arg2='${arg2}'`)),
  )
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'A resource.', argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri: uri }) => {
      const said = 'Embedded resource content for testing.'
      return asked(
        { type: 'resource', resource: { uri, mimeType: 'text/plain', text: said } },
        text('Please process the embedded resource above.'),
      )
    },
  )
  server.registerPrompt('test_prompt_with_image', { description: 'An image.' }, () =>
    asked(
      { type: 'image', data: RED_PIXEL, mimeType: 'image/png' },
      text('Please analyze the image above.'),
    ),
  )
  server.registerPrompt(
    'test_input_required_result_prompt',
    { description: 'Asks the user.' },
    ({ mcpReq }) => {
      const schema = z.object({ context: z.string() })
      const given = acceptedContent(mcpReq.inputResponses, 'user_context', schema)
      if (given) return asked(text(`The context is ${given.context}.`))
      const message = 'What context should the prompt use?'
      const question = inputRequired.elicit({ message, requestedSchema: schema })
      return inputRequired({ inputRequests: { user_context: question } })
    },
  )
}
