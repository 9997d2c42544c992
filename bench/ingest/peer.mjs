// A child of main.mjs: one other parser. It is sent the path of a document and answers when it has
// validated it or put its references in place, or with what went wrong. No parser opens anything.
import { readFileSync } from 'node:fs'
import { cpuMs } from './figures.mjs'

const [name, work] = process.argv.slice(2)
const PEERS = {
  '@apidevtools/swagger-parser': async () => {
    const { default: Parser } = await import('@apidevtools/swagger-parser')
    const options = { resolve: { external: false } }
    return {
      dereference: (document) => Parser.dereference(document, options),
      validate: (document) => Parser.validate(document, options),
    }
  },
  '@readme/openapi-parser': async () => {
    const { dereference, validate } = await import('@readme/openapi-parser')
    return {
      dereference: (document) => dereference(document),
      validate: async (document) => {
        const { valid, errors } = await validate(document)
        if (!valid) throw new Error(errors[0]?.message ?? 'not valid')
      },
    }
  },
  '@scalar/openapi-parser': async () => {
    const { dereference, validate } = await import('@scalar/openapi-parser')
    const accepted = ({ errors }) => {
      if (errors?.length) throw new Error(errors[0].message)
    }
    return {
      dereference: (document) => accepted(dereference(document)),
      validate: async (document) => accepted(await validate(document)),
    }
  },
}

const peer = await PEERS[name]()
process.on('message', (path) => void answer(path))
process.send({ isReady: true })

async function answer(path) {
  const text = readFileSync(path, 'utf8')
  const started = process.cpuUsage()
  const document = JSON.parse(text)
  const plainMs = cpuMs(started)
  let error
  try {
    await peer[work](document)
  } catch (thrown) {
    error = String(thrown?.message ?? thrown).slice(0, 200)
  }
  const peakKb = process.resourceUsage().maxRSS
  process.send({ plainMs, ms: cpuMs(started), peakKb, error })
}
