import type { RunText } from '../values.js'

/**
 * A transaction that wrote something leaves a receipt in the same transaction. When its owner dies
 * during the commit, whoever asked looks for the receipt at the next owner: it is there exactly
 * when the commit was done.
 */

/** Makes the table, and removes receipts that nobody can be looking for any more. */
export async function prepareReceipts(run: RunText): Promise<void> {
  const found = await run(`select to_regclass('api_catalog.transaction_receipts')`, [])
  if (found.rows[0]?.[0] == null) {
    await run(
      `create table api_catalog.transaction_receipts (
         id uuid primary key,
         at timestamptz not null default now())`,
      [],
    )
  }
  await pruneReceipts(run)
}

/** A process may be stopped for hours in the middle of a commit, and then look. */
export async function pruneReceipts(run: RunText): Promise<void> {
  await run(`delete from api_catalog.transaction_receipts where at < now() - interval '1 day'`, [])
}

export async function leaveReceipt(run: RunText, id: string): Promise<void> {
  await run(
    `insert into api_catalog.transaction_receipts (id)
     select $1 where pg_current_xact_id_if_assigned() is not null`,
    [id],
  )
}

export async function hasReceipt(run: RunText, id: string): Promise<boolean> {
  const { rows } = await run('select from api_catalog.transaction_receipts where id = $1', [id])
  return rows.length > 0
}
