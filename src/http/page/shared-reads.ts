import { setTimeout as delay } from 'node:timers/promises'

/** A read of a large catalog takes its time, and who looks must not keep the worker from work. */
const REST_PER_READ = 3

interface Read<T> {
  answer: Promise<T>
  /** The time is over in which no other read begins. */
  rested: Promise<void>
  next?: Promise<T>
}

/**
 * Reads that many ask for at once, who share them. After each there is a rest of three times as long
 * as it took: so those who look take a quarter of the database's time at most, however many they are.
 *
 *     none ──latest, fresh──> reading ──answer──> resting ──over──> none
 *                                                    └─over, a fresh one was asked for──> reading
 */
export class SharedReads<T> {
  readonly #reads = new Map<string, Read<T>>()
  readonly #stopping: AbortSignal

  /** Nobody rests any more when `stopping` is aborted. */
  constructor(stopping: AbortSignal) {
    this.#stopping = stopping
  }

  /** What was read last, at once where it is known: for whoever comes to look. */
  latest(key: string, read: () => Promise<T>): Promise<T> {
    return this.#reads.get(key)?.answer ?? this.#begin(key, read)
  }

  /** What is so now, as soon as a read may begin: for whoever was told of a change. */
  async fresh(key: string, read: () => Promise<T>): Promise<T> {
    const known = this.#reads.get(key)
    if (!known) return this.#begin(key, read)
    known.next ??= known.rested.then(() => this.#begin(key, read))
    return known.next
  }

  /** What is read from now on is new: for whoever has changed something and looks what became of it. */
  forget(): void {
    this.#reads.clear()
  }

  #begin(key: string, read: () => Promise<T>): Promise<T> {
    const begun = performance.now()
    const answer = read()
    const known: Read<T> = {
      answer,
      rested: answer.then(
        async () => {
          await this.#rest(REST_PER_READ * (performance.now() - begun))
          this.#end(key, known)
        },
        () => this.#end(key, known),
      ),
    }
    this.#reads.set(key, known)
    return answer
  }

  async #rest(ms: number): Promise<void> {
    await delay(ms, undefined, { signal: this.#stopping, ref: false }).catch(() => undefined)
  }

  #end(key: string, read: Read<T>): void {
    if (this.#reads.get(key) === read) this.#reads.delete(key)
  }
}
