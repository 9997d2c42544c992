import type { McpServer, ServerContext } from '@modelcontextprotocol/server'
import type { z } from 'zod'
import type { App } from '../app/app.js'
import type { Answer } from '../app/answer.js'
import type { Progress } from '../app/embedding-progress.js'
import type { Services } from '../app/services.js'
import type { Principal } from '../catalog/principal.js'
import type { Logger } from '../log.js'
import type { TOOL_OUTCOMES } from '../metrics/request-instruments.js'
import { ProgressReport } from './progress-report.js'
import { isExpected, sentence } from './protocol-error.js'
import { toldSchema } from './told-schema.js'

/** One tool: what agents read of it, and the use case behind it. */
export interface Tool<I extends z.ZodType = z.ZodType, O extends z.ZodType = z.ZodType> {
  name: string
  title: string
  /** When to use it, when not to, and what comes back. */
  description: string
  annotations: {
    readOnlyHint: boolean
    destructiveHint: boolean
    idempotentHint: boolean
    openWorldHint: boolean
  }
  input: I
  /** What of it a caller may give, where that is not the same for all. */
  inputFor?: (principal: Principal) => z.ZodType
  output: O
  run: (
    services: Services,
    principal: Principal,
    input: z.infer<I>,
    call: Call,
  ) => Promise<Answer<z.infer<O>>>
}

/** What a tool knows of the call that it answers. */
export interface Call {
  /** Aborted when the caller does not wait any more. */
  signal: AbortSignal
  /** Tells how far the work is, where the caller wants to know. */
  onProgress: (progress: Progress) => void
}

/** Keeps a tool's types while it is put in a list with others. */
export function defineTool<I extends z.ZodType, O extends z.ZodType>(tool: Tool<I, O>): Tool {
  return tool
}

/** Adds a tool to a server. Expected failures become results that say what to do next. */
export function registerTool(
  server: McpServer,
  tool: Tool,
  { app, principal, log }: { app: App; principal: Principal; log: Logger },
): void {
  const { name, title, description, annotations, output } = tool
  server.registerTool(
    name,
    {
      title,
      description,
      annotations,
      inputSchema: toldSchema(tool.inputFor?.(principal) ?? tool.input),
      outputSchema: toldSchema(output),
    },
    async (args: unknown, { mcpReq }: ServerContext) => {
      const took = app.metrics.toolSeconds.startTimer({ tool: name })
      let outcome: (typeof TOOL_OUTCOMES)[number] = 'ok'
      try {
        const report = new ProgressReport(mcpReq)
        const { structured, markdown, next } = await tool.run(
          await app.services(),
          principal,
          args,
          { signal: mcpReq.signal, onProgress: (progress) => report.add(progress) },
        )
        await report.sent
        return {
          content: [{ type: 'text' as const, text: next ? `${markdown}\n\n${next}` : markdown }],
          structuredContent: structured as Record<string, unknown>,
        }
      } catch (error) {
        outcome = isExpected(error) ? 'refused' : 'error'
        return { content: [{ type: 'text' as const, text: sentence(error, log) }], isError: true }
      } finally {
        took()
        app.metrics.toolCalls.inc({ tool: name, outcome })
      }
    },
  )
}
