/** The digest that the product stores beside batches, for tests of adapters that may not see the file formats. */
export { createLegDigest } from '../files/leg-csv.ts'
