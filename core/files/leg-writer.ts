import type { Leg } from '../domain/leg.ts'
import { type OpError, toOpError } from '../kernel/errors.ts'
import type { LineFile } from '../ports/line-file.ts'
import type { LineFormat } from './line-format.ts'

/** How many legs are in the file now that were not before; they are the first of those given. */
export type LegsWritten =
  | { readonly success: true; readonly legs_written: number }
  | { readonly success: false; readonly legs_written: number; readonly fault: OpError }

/** Legs into one growing file: what every file of the record is written by. */
export interface LegWriter {
  /**
   * Writes the legs in order, whole lines only, behind the header where the file is new. It never throws: after a fault
   * the rest may be given again.
   */
  processAndWrite(legs: readonly Leg[]): LegsWritten
}

export function createLegWriter(file: LineFile, format: LineFormat): LegWriter {
  return {
    processAndWrite(legs) {
      let written = 0
      try {
        if (file.size() === 0 && format.header.length > 0) file.append(format.header)
        for (const leg of legs) {
          file.append(format.encode(leg))
          written += 1
        }
      } catch (fault) {
        return { success: false, legs_written: written, fault: toOpError(fault) }
      }
      return { success: true, legs_written: written }
    },
  }
}
