import {
  Client as ModernClient,
  StreamableHTTPClientTransport as ModernHttp,
} from '@modelcontextprotocol/client'
import { StdioClientTransport as ModernStdio } from '@modelcontextprotocol/client/stdio'
import { Client as OlderClient } from '@modelcontextprotocol/sdk/client/index.js'
import { StdioClientTransport as OlderStdio } from '@modelcontextprotocol/sdk/client/stdio.js'
import { StreamableHTTPClientTransport as OlderHttp } from '@modelcontextprotocol/sdk/client/streamableHttp.js'
import {
  ResourceListChangedNotificationSchema,
  ResourceUpdatedNotificationSchema,
} from '@modelcontextprotocol/sdk/types.js'
import { afterAll, expect } from 'vitest'
import { command, toolResult, type Settings, type ToolResult } from './server.js'

const CLIENT = { name: 'test', version: '1' }

/** Where a server is: an address, with a key to it, or settings to start one with on stdio. */
export type Place = { url: string; key?: string } | { settings: Settings }

export interface Progress {
  progress: number
  total?: number | undefined
  message?: string | undefined
}

/** A client of one era, with what it was told by itself until now. */
export interface Peer {
  call(tool: string, args?: object, onProgress?: (progress: Progress) => void): Promise<ToolResult>
  toolNames(): Promise<string[]>
  /** All pages. */
  resources(): Promise<{ uri: string; name: string; title?: string | undefined }[]>
  templates(): Promise<string[]>
  /** The JSON that a resource is. */
  // oxlint-disable-next-line typescript/no-explicit-any -- tests read what they expect to be there
  read(uri: string): Promise<any>
  complete(template: string, name: string, value: string, given?: object): Promise<string[]>
  /** From now on it is told of the resource, and of the list. */
  hearOf(uri: string): Promise<void>
  updated: string[]
  listChanges: number
  close(): Promise<void>
}

const open = new Set<Peer>()

afterAll(async () => {
  await Promise.all([...open].map((peer) => peer.close()))
})

/** A client of a revision before 2026-07-28. */
export async function olderPeer(place: Place): Promise<Peer> {
  const client = new OlderClient(CLIENT)
  const transport =
    'url' in place
      ? new OlderHttp(new URL(place.url), { requestInit: { headers: keyHeader(place) } })
      : new OlderStdio({ ...command(place.settings), stderr: 'ignore' })
  const peer: Peer = {
    call: async (tool, args = {}, onprogress) =>
      toolResult(
        await client.callTool(
          { name: tool, arguments: { ...args } },
          undefined,
          onprogress ? { onprogress } : {},
        ),
      ),
    toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
    resources: () => pages((params) => client.listResources(params)),
    templates: async () =>
      (await client.listResourceTemplates()).resourceTemplates.map((one) => one.uriTemplate),
    read: async (uri) => jsonIn(await client.readResource({ uri })),
    complete: async (template, name, value, given = {}) =>
      (await client.complete(completion(template, name, value, given))).completion.values,
    hearOf: async (uri) => {
      await client.subscribeResource({ uri })
      await client.listResources()
    },
    updated: [],
    listChanges: 0,
    close: async () => {
      open.delete(peer)
      if (transport instanceof OlderHttp) await transport.terminateSession()
      await client.close()
    },
  }
  client.setNotificationHandler(ResourceUpdatedNotificationSchema, ({ params }) => {
    peer.updated.push(params.uri)
  })
  client.setNotificationHandler(ResourceListChangedNotificationSchema, () => {
    peer.listChanges++
  })
  await client.connect(transport)
  open.add(peer)
  return peer
}

/** A client of 2026-07-28. */
export async function modernPeer(place: Place): Promise<Peer> {
  const client = new ModernClient(CLIENT, { versionNegotiation: { mode: { pin: '2026-07-28' } } })
  const transport =
    'url' in place
      ? new ModernHttp(new URL(place.url), { requestInit: { headers: keyHeader(place) } })
      : new ModernStdio({ ...command(place.settings), stderr: 'ignore' })
  const peer: Peer = {
    call: async (tool, args = {}, onprogress) =>
      toolResult(
        await client.callTool(
          { name: tool, arguments: { ...args } },
          onprogress ? { onprogress } : {},
        ),
      ),
    toolNames: async () => (await client.listTools()).tools.map(({ name }) => name),
    resources: () => pages((params) => client.listResources(params)),
    templates: async () =>
      (await client.listResourceTemplates()).resourceTemplates.map((one) => one.uriTemplate),
    read: async (uri) => jsonIn(await client.readResource({ uri })),
    complete: async (template, name, value, given = {}) =>
      (await client.complete(completion(template, name, value, given))).completion.values,
    hearOf: async (uri) => {
      await client.listen({ resourceSubscriptions: [uri], resourcesListChanged: true })
    },
    updated: [],
    listChanges: 0,
    close: async () => {
      open.delete(peer)
      await client.close()
    },
  }
  client.setNotificationHandler('notifications/resources/updated', ({ params }) => {
    peer.updated.push(params.uri)
  })
  client.setNotificationHandler('notifications/resources/list_changed', () => {
    peer.listChanges++
  })
  await client.connect(transport)
  expect(client.getProtocolEra()).toBe('modern')
  open.add(peer)
  return peer
}

/** A client of each era, for describe.each. */
export const peers: [name: string, connect: (place: Place) => Promise<Peer>][] = [
  ['the older client', olderPeer],
  ['the modern client', modernPeer],
]

function keyHeader({ key }: { key?: string }): Record<string, string> {
  return key === undefined ? {} : { authorization: `Bearer ${key}` }
}

async function pages<T>(
  page: (params: { cursor?: string }) => Promise<{
    resources: T[]
    nextCursor?: string | undefined
  }>,
): Promise<T[]> {
  const all: T[] = []
  let cursor: string | undefined
  do {
    const { resources, nextCursor } = await page(cursor === undefined ? {} : { cursor })
    all.push(...resources)
    cursor = nextCursor
  } while (cursor !== undefined)
  return all
}

function jsonIn({ contents }: { contents: object[] }): unknown {
  expect(contents).toHaveLength(1)
  const { text, mimeType } = contents[0] as { text: string; mimeType: string }
  expect(mimeType).toBe('application/json')
  return JSON.parse(text)
}

function completion(template: string, name: string, value: string, given: object) {
  return {
    ref: { type: 'ref/resource' as const, uri: template },
    argument: { name, value },
    context: { arguments: { ...given } as Record<string, string> },
  }
}
