import { spawn } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { describe, expect, it } from 'vitest'
import { judgeLines } from './compare-record.ts'
import { holds, type ProofOutcome, proved } from './proof.ts'

const SCRIPT = fileURLToPath(new URL('./short-proof.ts', import.meta.url))
const PATIENCE_MS = 200_000
const LIMIT = { timeout: PATIENCE_MS + 30_000 }

/** What the short form comes to, null where this machine cannot do what it needs. */
function shortly(name: string): Promise<ProofOutcome | null> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [SCRIPT, name], { stdio: ['ignore', 'pipe', 'pipe'] })
    let said = ''
    let errors = ''
    const late = setTimeout(() => {
      child.kill('SIGKILL')
      child.unref()
      reject(new Error(`${name} has no outcome after ${PATIENCE_MS / 1000} s, its last words: ${errors.slice(-2000)}`))
    }, PATIENCE_MS)
    child.stdout.on('data', (text) => (said += String(text)))
    child.stderr.on('data', (text) => (errors += String(text)))
    child.once('close', (status) => {
      clearTimeout(late)
      if (status !== 0) return reject(new Error(`${name} ended with ${status}: ${errors.slice(-2000)}`))
      const outcome: ProofOutcome | { impossible: string } = JSON.parse(said)
      if (!('impossible' in outcome)) return resolve(outcome)
      console.log(`not tried here: ${outcome.impossible}`)
      resolve(null)
    })
  })
}

/** Whatever is not as it should be. */
function faultsOf({ findings, planted }: ProofOutcome) {
  return [...findings.filter((finding) => !holds(finding)), ...planted.filter(({ caught }) => !caught)]
}

describe('the short form of a proof', () => {
  it.each([
    ['kill -9 of a recorder', 'kills'],
    ['power cuts', 'power-cuts'],
    ['torn ends and damage in the middle', 'cuts'],
    ['errors of the disk', 'disk-errors'],
    ['two recorders', 'one-writer'],
  ] as const)('holds, and notices what is planted: %s', LIMIT, async (_, name) => {
    const outcome = await shortly(name)
    if (outcome === null) return
    expect(faultsOf(outcome)).toEqual([])
    expect(proved(outcome)).toBe(true)
  })

  it('detects flipped bits in everything that carries a checksum', LIMIT, async () => {
    const outcome = await shortly('bit-flips')
    if (outcome === null) throw new Error('flipping bits needs nothing of the machine')
    // Rows without digests and meta.db have nothing to be held against.
    const uncovered = /in (?:day store|`meta\.db`):/
    const findings = outcome.findings.filter(({ what }) => !uncovered.test(what))
    expect(findings.length).toBeGreaterThan(9)
    expect(faultsOf({ ...outcome, findings })).toEqual([])
  })
})

describe('the judgement of lines', () => {
  it('counts what is missing, too much and foreign', () => {
    expect(judgeLines(['a', 'b', 'b', 'c'], ['a', 'a', 'b', 'd'])).toEqual({
      lost: 2,
      duplicated: 1,
      unexpected: 1,
      recovered: 0,
    })
  })
})
