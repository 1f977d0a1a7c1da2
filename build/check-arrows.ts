import { join } from 'node:path'
import { arrowFaults } from './arrows.ts'

const faults = await arrowFaults(join(import.meta.dirname, '..'))
for (const fault of faults) console.error(fault)
process.exitCode = faults.length === 0 ? 0 : 1
