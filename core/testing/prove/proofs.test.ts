import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { proveBitFlips } from './bit-flips.ts'
import { judgeLines } from './compare-record.ts'
import { proveDiskErrors } from './disk-errors.ts'
import { proveCuts } from './journal-cuts.ts'
import { proveWriterKills } from './kill-writer.ts'
import { provePowerCuts } from './power-cut.ts'
import { holds, Impossible, type ProofContext, type ProofOutcome, proved } from './proof.ts'
import { proveOneWriter } from './two-recorders.ts'

/** The short form, with what it leaves removed. */
async function shortly(prove: (context: ProofContext) => Promise<ProofOutcome>): Promise<ProofOutcome> {
  const ends: (() => Promise<void> | void)[] = []
  const context: ProofContext = {
    times: (_, short) => short,
    folder() {
      const path = mkdtempSync(join(tmpdir(), 'optrade-prove-'))
      ends.push(() => rmSync(path, { recursive: true, force: true, maxRetries: 5 }))
      return path
    },
    atEnd: (run) => void ends.push(run),
    say() {},
    signal: new AbortController().signal,
  }
  try {
    return await prove(context)
  } finally {
    for (const run of ends.reverse()) await run()
  }
}

/** Whatever is not as it should be. */
function faultsOf({ findings, planted }: ProofOutcome) {
  return [...findings.filter((finding) => !holds(finding)), ...planted.filter(({ caught }) => !caught)]
}

describe('the short form of a proof', () => {
  it.each([
    ['kill -9 of a recorder', proveWriterKills],
    ['power cuts', provePowerCuts],
    ['torn ends and damage in the middle', proveCuts],
    ['errors of the disk', proveDiskErrors],
    ['two recorders', proveOneWriter],
  ] as const)('holds, and notices what is planted: %s', { timeout: 240_000 }, async (_, prove) => {
    const outcome = await shortly(prove).catch((fault: unknown) => {
      if (fault instanceof Impossible) return fault.message
      throw fault
    })
    if (typeof outcome === 'string') return console.log(`not tried here: ${outcome}`)
    expect(faultsOf(outcome)).toEqual([])
    expect(proved(outcome)).toBe(true)
  })

  it('detects flipped bits in everything that carries a checksum', { timeout: 240_000 }, async () => {
    const outcome = await shortly(proveBitFlips)
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
