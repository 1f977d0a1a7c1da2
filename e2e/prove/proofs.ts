import { proveWriterKills } from '../../core/testing/prove/kill-writer.ts'
import { provePowerCuts } from '../../core/testing/prove/power-cut.ts'
import type { Proof, ProofContext, ProofOutcome } from '../../core/testing/prove/proof.ts'

type Part = (context: ProofContext) => Promise<ProofOutcome>

/** Several parts as one proof. */
function together(...parts: readonly Part[]): Part {
  return async (context) => {
    const outcomes: ProofOutcome[] = []
    for (const part of parts) outcomes.push(await part(context))
    const tables = outcomes.flatMap(({ table }) => (table === undefined ? [] : [table]))
    return {
      findings: outcomes.flatMap(({ findings }) => findings),
      planted: outcomes.flatMap(({ planted }) => planted),
      remarks: outcomes.flatMap(({ remarks }) => remarks ?? []),
      ...(tables.length > 0 ? { table: tables.join('\n\n') } : {}),
    }
  }
}

/** All of them, in the order of the page. */
export const PROOFS: readonly Proof[] = [
  {
    id: 'P1',
    title: 'kill -9 at any moment',
    promise:
      'Nothing that was acknowledged is lost and nothing is there twice, wherever a SIGKILL meets writing, sealing, compressing or a checkpoint; day stores, CSV and JSONL are what the journal gives, byte for byte; `gzip` reads every finished file.',
    run: together(proveWriterKills),
  },
  {
    id: 'P2',
    title: 'power cut',
    promise:
      'Nothing that was acknowledged is lost when the power goes: an ext4 in a file is shut down without writing what was not synced (`EXT4_IOC_SHUTDOWN`), mounted again and compared.',
    run: provePowerCuts,
  },
]
