import { proveBitFlips } from '../../core/testing/prove/bit-flips.ts'
import { proveClocks } from '../../core/testing/prove/clock-jumps.ts'
import { proveConsumers } from '../../core/testing/prove/consumer-kills.ts'
import { proveDiskErrors } from '../../core/testing/prove/disk-errors.ts'
import { proveFullDisk } from '../../core/testing/prove/full-disk.ts'
import { proveStops } from '../../core/testing/prove/graceful-stop.ts'
import { proveCuts } from '../../core/testing/prove/journal-cuts.ts'
import { proveWriterKills } from '../../core/testing/prove/kill-writer.ts'
import { provePowerCuts } from '../../core/testing/prove/power-cut.ts'
import type { Proof, ProofContext, ProofOutcome } from '../../core/testing/prove/proof.ts'
import { proveSoak } from '../../core/testing/prove/soak.ts'
import { proveOneWriter } from '../../core/testing/prove/two-recorders.ts'
import { proveProductKills, proveProductStops } from './product-ends.ts'
import { proveProductFullDisk } from './product-full-disk.ts'

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
    run: together(proveWriterKills, proveProductKills),
  },
  {
    id: 'P2',
    title: 'power cut',
    promise:
      'Nothing that was acknowledged is lost when the power goes: an ext4 in a file is shut down without writing what was not synced (`EXT4_IOC_SHUTDOWN`), mounted again and compared.',
    run: provePowerCuts,
  },
  {
    id: 'P3',
    title: 'stop by SIGTERM',
    promise: 'Nothing that was received is lost, durable or not, and the process ends within five seconds.',
    run: together(proveStops, proveProductStops),
  },
  {
    id: 'P4',
    title: 'flipped bits',
    promise:
      'One bit is flipped in every class of artefact. It is detected when the artefact is read or verified, or it changed nothing that counts; what is neither is named here and not hidden.',
    run: proveBitFlips,
  },
  {
    id: 'P5',
    title: 'torn ends and damage in the middle',
    promise:
      'The newest segment may end at any byte: only the incomplete line goes, and it is kept as `.torn`. Damage in the middle costs what follows it in that segment; every later segment is served, and a GAP record says exactly what is missing.',
    run: proveCuts,
  },
  {
    id: 'P6',
    title: 'full disk',
    promise:
      'Nothing acknowledged is lost and nothing ends when there is no room left on an ext4 of its own; recording goes on by itself when there is, and what could not be kept is counted to the packet.',
    run: together(proveFullDisk, proveProductFullDisk),
  },
  {
    id: 'P7',
    title: 'errors of the disk',
    promise:
      'Writes, syncs and renames end with EIO (`strace -e inject`), and then the power goes: nothing was acknowledged that is not there, and recording goes on when the disk recovers.',
    run: proveDiskErrors,
  },
  {
    id: 'P11',
    title: 'redelivery, reordering and kills of consumers',
    promise: 'Day stores, CSV and JSONL are those of a single undisturbed run, byte for byte and row for row.',
    run: proveConsumers,
  },
  {
    id: 'P22',
    title: 'clocks',
    promise:
      'The wall’s clock jumps by seconds, hours, a day and a year (libfaketime) and the machine stands in a foreign time zone on the nights in which clocks change: numbers go on, nothing is lost, files are named by the day in India.',
    run: proveClocks,
  },
  {
    id: 'P23',
    title: 'soak',
    promise: 'Days of recording in minutes: memory and open files stay where they are.',
    run: proveSoak,
  },
  {
    id: 'P29',
    title: 'two recorders on one folder',
    promise:
      'Exactly one writes, even when it is held for a minute; the next gets in when it is gone, with an epoch of its own.',
    run: proveOneWriter,
  },
]
