import { useId } from 'react'
import type { Job } from '../../../../core/contract/legs.ts'
import { formatNumber } from '../../lib/format.ts'
import { formatBytes } from '../health/units.ts'

/** How far an export has come, and what became of it. */
export function ExportProgress({ job }: { readonly job: Job }) {
  const id = useId()
  const { state, progress, error, legs, bytes, file } = job
  const amount = `${formatNumber('integer', legs)} legs, ${formatBytes(bytes)}`
  if (state === 'failed')
    return (
      <p className="field-fault" role="alert">
        {file} was not written: {error}
      </p>
    )
  const said: Readonly<Record<typeof state, string>> = {
    queued: `${file}: waits for the browser to take it`,
    running: `${file}: ${formatNumber('percent', progress)}, ${amount}`,
    done: `${file} is complete: ${amount}`,
    cancelled: `${file} was cancelled: nothing was written`,
  }
  return (
    <div className={`export-progress ${state}`}>
      <label htmlFor={id} role="status" className="figures">
        {said[state]}
      </label>
      {state === 'cancelled' ? null : <progress id={id} value={progress} max={1} />}
    </div>
  )
}
