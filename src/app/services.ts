import { SpecValidator } from '../catalog/validate-spec.js'
import type { Config } from '../config.js'
import type { Database } from '../db/database.js'
import type { Embedder } from '../embedding/embedder.js'
import { Questions } from '../embedding/questions.js'
import { SpaceKeeper } from '../embedding/space-keeper.js'
import type { Logger } from '../log.js'
import type { Metrics } from '../metrics/create-metrics.js'
import { QueryEmbedder } from '../search/query-vectors.js'
import { RankingMemory } from './ranking-memory.js'

/** What use cases work with, open and ready. */
export interface Services {
  config: Config
  log: Logger
  db: Database
  /** Null: no embedder is configured. */
  embedder: Embedder | null
  spaces: SpaceKeeper
  queries: QueryEmbedder
  rankings: RankingMemory
  /** Those that are being answered: the worker makes way for them. */
  questions: Questions
  metrics: Metrics
  validator: SpecValidator
  /** Documents are fetched from private and loopback addresses too. */
  allowPrivateUrls: boolean
}

type Given = 'config' | 'log' | 'db' | 'embedder' | 'metrics' | 'allowPrivateUrls'

/** On an open database. `standIn` is the embedder that is at hand beside the chosen one. */
export function servicesOn({
  standIn,
  ...given
}: Pick<Services, Given> & { standIn: Embedder | null }): Services {
  const { config, log, db, embedder } = given
  const spaces = new SpaceKeeper(db, { embedder, standIn }, log)
  return {
    ...given,
    spaces,
    queries: new QueryEmbedder(spaces, config.queryTimeoutMs),
    rankings: new RankingMemory(),
    questions: new Questions(),
    validator: new SpecValidator(db, config, log),
  }
}

/** Will what is uploaded here be embedded by this process or its siblings? */
export function willEmbed({ db, embedder }: Services): boolean {
  return embedder !== null && db.hasVectors
}
