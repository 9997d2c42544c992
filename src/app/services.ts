import type { SpecValidator } from '../catalog/validate-spec.js'
import type { Config } from '../config.js'
import type { Database } from '../db/database.js'
import type { Embedder } from '../embedding/embedder.js'
import type { Questions } from '../embedding/questions.js'
import type { SpaceKeeper } from '../embedding/space-keeper.js'
import type { Logger } from '../log.js'
import type { Metrics } from '../metrics/create-metrics.js'
import type { QueryEmbedder } from '../search/query-vectors.js'
import type { RankingMemory } from './ranking-memory.js'

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

/** Will what is uploaded here be embedded by this process or its siblings? */
export function willEmbed({ db, embedder }: Services): boolean {
  return embedder !== null && db.hasVectors
}
