import { fork, type ChildProcess } from 'node:child_process'
import { EventEmitter, once } from 'node:events'
import { fileURLToPath } from 'node:url'
import { onTestFinished } from 'vitest'
import type { OpenDatabaseOptions } from '../../src/db/open-database.js'

const program = fileURLToPath(new URL('storage-process.mjs', import.meta.url))

interface Events {
  role: [string]
  notified: [string]
  holding: []
  acknowledged: [number]
  open: []
  refused: [Error]
  exit: []
}

type Message =
  | { event: 'answer'; id: number; result?: unknown; error?: { name: string; message: string } }
  | { event: 'refused'; error: { name: string; message: string } }
  | { event: 'role'; role: string }
  | { event: 'notified'; payload: string }
  | { event: 'acknowledged'; n: number }
  | { event: 'holding' | 'open' }

interface Waiting {
  resolve: (result: unknown) => void
  reject: (error: Error) => void
}

/** A child process with the database open. Killed when the test ends. */
export class StorageProcess extends EventEmitter<Events> {
  readonly pid: number
  role: string | null = null
  /** How many writes it was told are stored. */
  acknowledged = 0
  readonly #child: ChildProcess
  readonly #waiting = new Map<number, Waiting>()
  #lastId = 0

  constructor(options: Partial<OpenDatabaseOptions>, env: NodeJS.ProcessEnv = {}) {
    super()
    this.setMaxListeners(0)
    this.#child = fork(program, [JSON.stringify(options)], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
    })
    this.pid = this.#child.pid ?? 0
    this.#child.on('message', (message) => this.#receive(message as Message))
    this.#child.once('exit', () => {
      for (const { reject } of this.#waiting.values()) reject(new Error('the process has ended'))
      this.#waiting.clear()
      this.emit('exit')
    })
    onTestFinished(() => void this.kill())
  }

  /** Starts a process and waits until it has the database open; throws what it was refused with. */
  static async start(
    options: Partial<OpenDatabaseOptions>,
    env?: NodeJS.ProcessEnv,
  ): Promise<StorageProcess> {
    const started = new StorageProcess(options, env)
    const refused = once(started, 'refused').then(([error]) => {
      throw error
    })
    await Promise.race([once(started, 'open'), refused])
    return started
  }

  async query(sql: string, params: unknown[] = []): Promise<Record<string, unknown>[]> {
    return (await this.#ask('query', { sql, params })) as Record<string, unknown>[]
  }

  async transaction(statements: { sql: string; params?: unknown[] }[]): Promise<unknown> {
    return await this.#ask('transaction', { statements })
  }

  /** Begins a transaction with this statement and keeps it open. */
  async hold(sql: string): Promise<void> {
    const holding = once(this, 'holding')
    this.#ask('hold', { sql }).catch(() => {})
    await holding
  }

  /** Writes until it is told to stop; settles with the number of writes. */
  async write(writer: string): Promise<number> {
    return (await this.#ask('write', { writer })) as number
  }

  async stopWriting(): Promise<void> {
    await this.#ask('stopWriting', {})
  }

  async listen(channel: string): Promise<void> {
    await this.#ask('listen', { channel })
  }

  /** Lets it die at the end of a commit that notifies this channel, before the answer. */
  async dieOn(channel: string): Promise<void> {
    await this.#ask('dieOn', { channel })
  }

  async close(): Promise<void> {
    const exit = once(this, 'exit')
    this.#ask('close', {}).catch(() => {})
    await exit
  }

  async kill(): Promise<void> {
    if (this.#child.exitCode !== null || this.#child.signalCode !== null) return
    const exit = once(this, 'exit')
    this.signal('SIGKILL')
    await exit
  }

  signal(signal: NodeJS.Signals): void {
    this.#child.kill(signal)
  }

  async #ask(action: string, request: object): Promise<unknown> {
    const id = ++this.#lastId
    return await new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject })
      this.#child.send({ id, action, ...request })
    })
  }

  #receive(message: Message): void {
    switch (message.event) {
      case 'answer': {
        const waiting = this.#waiting.get(message.id)
        this.#waiting.delete(message.id)
        if (message.error) waiting?.reject(toError(message.error))
        else waiting?.resolve(message.result)
        break
      }
      case 'refused':
        this.emit('refused', toError(message.error))
        break
      case 'role':
        this.role = message.role
        this.emit('role', message.role)
        break
      case 'notified':
        this.emit('notified', message.payload)
        break
      case 'acknowledged':
        this.acknowledged++
        this.emit('acknowledged', message.n)
        break
      case 'holding':
      case 'open':
        this.emit(message.event)
        break
    }
  }
}

function toError({ name, message }: { name: string; message: string }): Error {
  return Object.assign(new Error(message), { name })
}
