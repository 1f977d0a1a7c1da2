import { readdirSync } from 'node:fs'
import { join } from 'node:path'
import Database from 'better-sqlite3'
import { z } from 'zod'
import { journalLines } from './journal-files.ts'

const gapSchema = z.object({ from: z.number(), to: z.number(), cause: z.string(), dropped: z.number().nullable() })
type Gap = z.infer<typeof gapSchema>

const entrySchema = z.object({ kind: z.string(), frame: z.base64().optional() }).loose()
type Entry = z.infer<typeof entrySchema>

/** Entries of the journal by its documented form: `<seq> <crc> <json>` a line. */
function journalEntries(dataRoot: string): Entry[] {
  return journalLines(dataRoot).map(({ line }) => entrySchema.parse(JSON.parse(line.slice(line.indexOf(' ') + 10))))
}

export function journalGaps(dataRoot: string): Gap[] {
  return journalEntries(dataRoot)
    .filter(({ kind }) => kind === 'gap')
    .map((entry) => gapSchema.parse(entry))
}

export function storedGaps(dataRoot: string): Gap[] {
  const folder = join(dataRoot, 'store')
  return readdirSync(folder)
    .filter((name) => /^\d{4}-\d{2}-\d{2}\.db$/.test(name))
    .sort()
    .flatMap((name) => {
      const database = new Database(join(folder, name), { readonly: true })
      const rows = database.prepare('SELECT "from", "to", cause, dropped FROM gaps ORDER BY epoch, seq, nth').all()
      database.close()
      return z.array(gapSchema).parse(rows)
    })
}

/** Recorded option packets that are, to the byte, the one recorded before of the same contract. */
export function repeatedPackets(dataRoot: string): number {
  const last = new Map<number, Buffer>()
  let repeats = 0
  for (const { kind, frame } of journalEntries(dataRoot)) {
    if (kind !== 'batch' || frame === undefined) continue
    for (const packet of packetsOf(Buffer.from(frame, 'base64'))) {
      const token = packet.readUInt32BE(0)
      if (last.get(token)?.equals(packet) === true) repeats += 1
      last.set(token, packet)
    }
  }
  return repeats
}

/** A Kite frame: the number of packets, then each with its length before it, 16 bits big-endian. */
function packetsOf(frame: Buffer): Buffer[] {
  const packets: Buffer[] = []
  for (let at = 2; at < frame.length; ) {
    const end = at + 2 + frame.readUInt16BE(at)
    packets.push(frame.subarray(at + 2, end))
    at = end
  }
  return packets
}
