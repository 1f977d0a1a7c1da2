import { createLegDigest } from '../files/leg-csv.ts'

/** The digest that the product stores beside batches, for tests of adapters that may not see the file formats. */
export const legDigest = createLegDigest()
