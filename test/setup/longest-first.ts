import { BaseSequencer, type TestSpecification } from 'vitest/node'

/** Files that wait for processes to start, die and be missed: short to read, long to run. */
const LONGEST = [
  'chaos/embedded-kills',
  'mcp/sharing',
  'cli/commands',
  'db/sharing',
  'mcp/exit',
  'queue/worker-only',
  'queue/fairness',
  'cli/backfill',
  'chaos/killed-workers',
  'queue/settings-arrive',
  'db/backup',
  'embedding/swap',
].map((name) => `/${name}.test.ts`)

/**
 * Begins with what takes longest, and goes on with the largest files, as vitest does where it has not
 * run them before: a long file that came last would keep one worker busy and the others waiting.
 */
export class LongestFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const place = ({ moduleId }: TestSpecification) => {
      const found = LONGEST.findIndex((end) => moduleId.endsWith(end))
      return found < 0 ? LONGEST.length : found
    }
    const sorted = await super.sort(files)
    return sorted.toSorted((a, b) => place(a) - place(b))
  }
}
