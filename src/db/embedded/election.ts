import { randomBytes } from 'node:crypto'
import { lstat, lutimes, rm } from 'node:fs/promises'
import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { setTimeout as delay } from 'node:timers/promises'
import { InputError, codeOf } from '../../errors.js'
import {
  claimPath,
  highestClaim,
  isSameMachine,
  placeClaim,
  removeClaim,
  removeOldClaims,
  thisMachine,
  type Claim,
} from './claim.js'
import { Door } from './door.js'
import { isVisibleToAll, newAddress, socketPath } from './socket-path.js'

/**
 * Which of several processes owns a data directory.
 *
 * Truth lies in the directory itself: the claim of the highest generation names a socket, and its
 * claimant is alive as long as the kernel accepts a connection there. Nobody asks for process ids,
 * which lie across containers, or for clocks.
 *
 * - A contender listens on a socket of its own and then claims generation N+1, where N is the
 *   highest and its socket refused. Only one can: the entry must not exist. So a claim that is
 *   seen is alive from its first moment, and once it refuses it is dead for good.
 * - A contender that slept between looking and claiming may claim a generation that was already
 *   claimed and cleared away. So it looks again after its claim, and gives it up if a higher one
 *   is there. Only claims far below one's own are cleared away, so that the highest stays, the
 *   count never goes back, and a directory read while it changes shows one of the latest.
 * - On a file system shared between machines, no kernel knows the other's sockets. So an owner
 *   touches its claim every few seconds, and the claim of another machine, or one whose socket
 *   another container may not see, is dead only when it was not touched for a while. That costs
 *   a wait, where ownership passes between machines.
 */
export type Election = { kind: 'won'; seat: Seat } | { kind: 'lost'; socket: Socket; claim: Claim }

const TOUCH_MS = 2_000
/** Longer than three touches, so that one may come late. */
const UNTOUCHED_MS = 7_000
/** A full backlog: the process is alive but does not accept. */
const BUSY_RETRY_MS = 200
/** A program that waits for the seat takes it in milliseconds. */
const ROOM_MS = 3_000
const ROOM_LOOK_MS = 100

/** The place of the owner: its claim, and the door at which others come to it. */
export class Seat {
  readonly door: Door
  readonly claim: Claim
  readonly #dataDir: string
  readonly #touching: NodeJS.Timeout

  constructor(dataDir: string, door: Door, claim: Claim) {
    this.door = door
    this.claim = claim
    this.#dataDir = dataDir
    const entry = claimPath(dataDir, claim.generation)
    this.#touching = setInterval(() => {
      const now = new Date()
      lutimes(entry, now, now).catch(() => {})
    }, TOUCH_MS)
    this.#touching.unref()
  }

  /** Clears away what long dead owners left. */
  async tidy(): Promise<void> {
    for (const address of await removeOldClaims(this.#dataDir, this.claim.generation)) {
      await rm(await socketPath(this.#dataDir, address), { force: true })
    }
  }

  /** From here on others may take over, so the database must be closed. */
  leave(): void {
    clearInterval(this.#touching)
    this.door.close()
  }
}

export interface ElectionOptions {
  dataDir: string
  /** Of the program, for messages. */
  version: string
  /** Leaves the seat to others for a while: a newer program has asked for it. */
  makesRoom: boolean
  signal: AbortSignal
}

/**
 * Gives the seat of the owner, or a connection to the process that has it. Throws InputError where
 * the directory is in use by another user or on another machine.
 */
export async function elect(options: ElectionOptions): Promise<Election> {
  const { dataDir, version, signal } = options
  const contendAt = Date.now() + (options.makesRoom ? ROOM_MS : 0)
  for (;;) {
    signal.throwIfAborted()
    const { generation, claim } = await highestClaim(dataDir)
    const socket = claim && (await reach(dataDir, claim, signal))
    if (socket) return { kind: 'lost', socket, claim }
    if (Date.now() < contendAt) {
      await delay(ROOM_LOOK_MS, null, { signal })
      continue
    }
    if (claim) await refuseIfTouched(dataDir, claim, signal)
    const seat = await contend(dataDir, generation + 1, version)
    if (seat) return { kind: 'won', seat }
  }
}

/** A connection to the claimant, or null when it is dead. */
async function reach(dataDir: string, claim: Claim, signal: AbortSignal): Promise<Socket | null> {
  for (;;) {
    const socket = connect(await socketPath(dataDir, claim.address))
    try {
      await once(socket, 'connect', { signal })
      return socket
    } catch (error) {
      socket.destroy()
      signal.throwIfAborted()
      switch (codeOf(error) ?? '') {
        case 'ECONNREFUSED':
        case 'ENOENT':
          return null
        case 'EAGAIN':
        case 'EBUSY':
        case 'ECONNRESET':
          await delay(BUSY_RETRY_MS, null, { signal })
          break
        case 'EACCES':
        case 'EPERM':
          throw new InputError(
            `The data directory ${dataDir} is in use by another user: ` +
              'choose another with API_CATALOG_DATA_DIR.',
            { cause: error },
          )
        default:
          throw error
      }
    }
  }
}

async function contend(dataDir: string, generation: number, version: string): Promise<Seat | null> {
  const { door, address } = await openDoor(dataDir)
  try {
    const machine = await thisMachine()
    const content = { generation, address, pid: process.pid, version, machine }
    const claim = await placeClaim(dataDir, content)
    if (claim) {
      const highest = await highestClaim(dataDir)
      if (highest.generation === generation) return new Seat(dataDir, door, claim)
      await removeClaim(dataDir, generation)
    }
  } catch (error) {
    door.close()
    throw error
  }
  door.close()
  return null
}

async function openDoor(dataDir: string): Promise<{ door: Door; address: string }> {
  const name = randomBytes(6).toString('hex')
  const openAt = async (where: 'inside' | 'outside'): Promise<{ door: Door; address: string }> => {
    const address = await newAddress(dataDir, name, where)
    return { door: await Door.open(await socketPath(dataDir, address)), address }
  }
  try {
    return await openAt('inside')
  } catch (error) {
    // Some file systems, those of shared folders above all, have no sockets.
    if (!['EPERM', 'ENOTSUP', 'EOPNOTSUPP'].includes(codeOf(error) ?? '')) throw error
    return await openAt('outside')
  }
}

async function refuseIfTouched(dataDir: string, claim: Claim, signal: AbortSignal): Promise<void> {
  if (isVisibleToAll(claim.address) && isSameMachine(claim.machine, await thisMachine())) return
  const entry = claimPath(dataDir, claim.generation)
  const before = await lstat(entry).catch(() => null)
  await delay(UNTOUCHED_MS, null, { signal })
  const after = await lstat(entry).catch(() => null)
  if (before?.mtimeMs === after?.mtimeMs) return
  throw new InputError(
    `The data directory ${dataDir} is in use on another machine or in another container ` +
      `(${claim.machine.host}), where this process cannot reach it: end it there, ` +
      'or choose another directory with API_CATALOG_DATA_DIR.',
  )
}
