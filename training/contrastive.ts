import { multiplyTransposed, transposed } from './matrix.js'

export interface ContrastiveResult {
  /** Mean over the batch, in nats. */
  loss: number
  /** Gradient of the loss by the unit vectors of queries and documents. */
  queryGradient: Float32Array
  documentGradient: Float32Array
}

/**
 * Symmetric InfoNCE: each query should be nearer to its document than to the others', and each
 * document nearer to its query. `size` is a multiple of 4, and so are the dimensions. `isSame(i, j)` takes pairs out that would be false negatives.
 */
export function contrastiveLoss(
  queries: Float32Array,
  documents: Float32Array,
  size: number,
  temperature: number,
  isSame: (i: number, j: number) => boolean,
): ContrastiveResult {
  const dimensions = queries.length / size
  const logits = new Float32Array(size * size)
  multiplyTransposed(queries, documents, logits, size, size, dimensions)
  for (let i = 0; i < size; i++) {
    for (let j = 0; j < size; j++) {
      const masked = i !== j && isSame(i, j)
      logits[i * size + j] = masked ? -Infinity : logits[i * size + j]! / temperature
    }
  }
  const gradient = new Float32Array(size * size)
  const loss =
    (addSoftmaxGradient(logits, gradient, size, size, 1) +
      addSoftmaxGradient(logits, gradient, size, 1, size)) /
    (2 * size)
  const scale = 1 / (2 * size * temperature)
  for (let at = 0; at < gradient.length; at++) gradient[at]! *= scale

  const queryGradient = new Float32Array(size * dimensions)
  const documentGradient = new Float32Array(size * dimensions)
  const documentsT = transposed(documents, size, dimensions)
  const queriesT = transposed(queries, size, dimensions)
  multiplyTransposed(gradient, documentsT, queryGradient, size, dimensions, size)
  multiplyTransposed(
    transposed(gradient, size, size),
    queriesT,
    documentGradient,
    size,
    dimensions,
    size,
  )
  return { loss, queryGradient, documentGradient }
}

/**
 * Adds softmax − one-hot of each line (row or column, by its strides) to the gradient; gives the
 * sum of the lines' losses.
 */
function addSoftmaxGradient(
  logits: Float32Array,
  gradient: Float32Array,
  size: number,
  lineStride: number,
  stride: number,
): number {
  let loss = 0
  const exponentials = new Float64Array(size)
  for (let line = 0; line < size; line++) {
    const start = line * lineStride
    let most = -Infinity
    for (let i = 0; i < size; i++) most = Math.max(most, logits[start + i * stride]!)
    let sum = 0
    for (let i = 0; i < size; i++) {
      sum += exponentials[i] = Math.exp(logits[start + i * stride]! - most)
    }
    for (let i = 0; i < size; i++) gradient[start + i * stride]! += exponentials[i]! / sum
    gradient[start + line * stride]! -= 1
    loss += Math.log(sum) + most - logits[start + line * stride]!
  }
  return loss
}
