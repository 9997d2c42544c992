import { Counter, Histogram, type Registry } from 'prom-client'

/** How a tool call ended: `refused` is a sentence for the caller, `error` a fault of ours. */
export const TOOL_OUTCOMES = ['ok', 'refused', 'error'] as const

/** From an answer out of memory to the limit of an upload. */
const REQUEST_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 20, 60]
/** A search takes milliseconds, and one and a half seconds where the provider keeps it waiting. */
const SEARCH_SECONDS = [0.001, 0.0025, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.2, 0.5, 1, 2, 5]

/** What callers ask of the program, and what they get. Routes are patterns, never paths. */
export function requestInstruments(registers: Registry[]) {
  return {
    httpRequests: new Counter({
      name: 'api_catalog_http_requests_total',
      help: 'Requests over HTTP, by the pattern of their route',
      labelNames: ['method', 'route', 'status'],
      registers,
    }),
    httpSeconds: new Histogram({
      name: 'api_catalog_http_request_seconds',
      help: 'Requests over HTTP until their answer began',
      labelNames: ['route'],
      buckets: REQUEST_SECONDS,
      registers,
    }),
    toolCalls: new Counter({
      name: 'api_catalog_tool_calls_total',
      help: 'Calls of MCP tools, by how they ended',
      labelNames: ['tool', 'outcome'],
      registers,
    }),
    toolSeconds: new Histogram({
      name: 'api_catalog_tool_call_seconds',
      help: 'Calls of MCP tools',
      labelNames: ['tool'],
      buckets: REQUEST_SECONDS,
      registers,
    }),
    searchSeconds: new Histogram({
      name: 'api_catalog_search_seconds',
      help: 'Searches: each arm, the embedding of the question, and the whole',
      labelNames: ['of'],
      buckets: SEARCH_SECONDS,
      registers,
    }),
    searches: new Counter({
      name: 'api_catalog_searches_total',
      help: 'Searches, by the ranking that answered and why it was not the one wanted',
      labelNames: ['ranking', 'fallback'],
      registers,
    }),
    searchesWithoutHit: new Counter({
      name: 'api_catalog_searches_without_hit_total',
      help: 'Searches that found nothing',
      registers,
    }),
  }
}
