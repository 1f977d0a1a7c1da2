import type { Projection } from '../ports/projection.ts'
import { createCsvFormat } from './leg-csv.ts'
import { createJsonlFormat } from './leg-jsonl.ts'
import { createLineProjection, type LineProjectionDeps, type LineProjectionOptions } from './line-projection.ts'

/** `legs/YYYY-MM-DD/<INDEX>_<bucket>_<YYYY-MM-DD>.csv`. */
export function createCsvProjection(deps: LineProjectionDeps, options: LineProjectionOptions): Projection {
  return createLineProjection(deps, createCsvFormat(), options)
}

/** `legs/YYYY-MM-DD/<INDEX>_<bucket>_<YYYY-MM-DD>.jsonl`. */
export function createJsonlProjection(deps: LineProjectionDeps, options: LineProjectionOptions): Projection {
  return createLineProjection(deps, createJsonlFormat(), options)
}
