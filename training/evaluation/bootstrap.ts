import type { Random } from '../random.js'
import { sum } from './measures.js'

const RESAMPLES = 2000

/**
 * The 95 % interval of the mean over sets of each set's mean difference, by drawing questions again
 * within each set. `differences`: for each set, one number a question, of two rankings in pairs.
 */
export function macroInterval(
  differences: readonly (readonly number[])[],
  random: Random,
): [low: number, high: number] {
  const means = Array.from({ length: RESAMPLES }, () => {
    const setMeans = differences.map(
      (ofSet) => sum(ofSet.map(() => random.pick(ofSet))) / ofSet.length,
    )
    return sum(setMeans) / setMeans.length
  }).sort((a, b) => a - b)
  return [means[Math.floor(0.025 * RESAMPLES)]!, means[Math.floor(0.975 * RESAMPLES)]!]
}
