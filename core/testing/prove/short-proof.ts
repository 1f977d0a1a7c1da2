import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { proveBitFlips } from './bit-flips.ts'
import { proveDiskErrors } from './disk-errors.ts'
import { proveCuts } from './journal-cuts.ts'
import { proveWriterKills } from './kill-writer.ts'
import { provePowerCuts } from './power-cut.ts'
import { Impossible, type ProofContext, type ProofOutcome } from './proof.ts'
import { proveOneWriter } from './two-recorders.ts'

/**
 * `node short-proof.ts NAME`: the short form of a proof in a process of its own, so that one that hangs, be it in the
 * kernel, can be left behind. On stdout: its outcome as JSON, or `{"impossible": reason}`.
 */
const SHORT_PROOFS = {
  kills: proveWriterKills,
  'power-cuts': provePowerCuts,
  cuts: proveCuts,
  'disk-errors': proveDiskErrors,
  'one-writer': proveOneWriter,
  'bit-flips': proveBitFlips,
} as const

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
    say: (text) => console.error(text),
    signal: new AbortController().signal,
  }
  try {
    return await prove(context)
  } finally {
    for (const run of ends.reverse()) await run()
  }
}

const prove = Object.entries(SHORT_PROOFS).find(([name]) => name === process.argv[2])?.[1]
if (prove === undefined) throw new Error(`there are ${Object.keys(SHORT_PROOFS).join(', ')}`)
const said = await shortly(prove).catch((fault: unknown) => {
  if (fault instanceof Impossible) return { impossible: fault.message }
  throw fault
})
console.log(JSON.stringify(said))
