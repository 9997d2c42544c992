import { lutimes, mkdir, readdir, symlink } from 'node:fs/promises'
import { join } from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { elect, type Election } from '../../src/db/embedded/election.js'
import { createDataDir } from '../setup/databases.js'

async function createElectorate(): Promise<{ dataDir: string; vote: () => Promise<Election> }> {
  const dataDir = await createDataDir('empty')
  await mkdir(join(dataDir, 'owner'))
  const vote = (): Promise<Election> => {
    const { signal } = new AbortController()
    return elect({ dataDir, version: '1', makesRoom: false, signal })
  }
  return { dataDir, vote }
}

function seatsOf(elections: Election[]): Extract<Election, { kind: 'won' }>['seat'][] {
  return elections.flatMap((election) => (election.kind === 'won' ? [election.seat] : []))
}

test('of many contenders exactly one wins, and the others reach it, again and again', async () => {
  const { dataDir, vote } = await createElectorate()
  for (let round = 1; round <= 40; round++) {
    const elections = await Promise.all(Array.from({ length: 12 }, vote))
    const [seat, ...more] = seatsOf(elections)
    expect(more).toEqual([])
    for (const election of elections) {
      if (election.kind === 'won') continue
      expect(election.claim.generation).toBe(seat?.claim.generation)
      election.socket.destroy()
    }
    await seat?.tidy()
    seat?.leave()
  }
  // Old claims are cleared away, and their sockets with them.
  expect((await readdir(join(dataDir, 'owner'))).length).toBeLessThan(40)
  expect(await readdir(join(dataDir, 'run'))).toEqual([])
})

test('a claim that can be of no process here is void', async () => {
  const { dataDir, vote } = await createElectorate()
  await symlink('no claim at all', join(dataDir, 'owner', '00000007'))
  const [seat] = seatsOf([await vote()])
  expect(seat?.claim.generation).toBe(8)
  seat?.leave()
})

test('a claim of another machine holds while it is touched, and no longer', async () => {
  const claimedElsewhere = async (): Promise<{ vote: () => Promise<Election>; entry: string }> => {
    const { dataDir, vote } = await createElectorate()
    const [seat] = seatsOf([await vote()])
    const machine = { host: 'elsewhere', boot: 'another' }
    const entry = join(dataDir, 'owner', '00000009')
    await symlink(JSON.stringify({ ...seat?.claim, machine, address: 'run/none' }), entry)
    seat?.leave()
    return { vote, entry }
  }
  const touched = await claimedElsewhere()
  const untouched = await claimedElsewhere()
  const touching = setInterval(() => {
    const now = new Date()
    lutimes(touched.entry, now, now).catch(() => {})
  }, 500)
  onTestFinished(() => clearInterval(touching))
  const [refused, elected] = await Promise.allSettled([touched.vote(), untouched.vote()])
  expect(refused).toMatchObject({
    status: 'rejected',
    reason: {
      message: expect.stringContaining(
        'in use on another machine or in another container (elsewhere)',
      ),
    },
  })
  expect(elected).toMatchObject({ status: 'fulfilled', value: { kind: 'won' } })
  if (elected.status === 'fulfilled') seatsOf([elected.value])[0]?.leave()
})
