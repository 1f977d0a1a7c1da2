import { useState } from 'react'
import type { HealthReport } from '../../../../core/contract/api-schema.ts'
import { istTime } from '../../../../core/domain/ist.ts'
import { useStores } from '../../store/context.ts'
import { Dialog } from '../../ui/dialog.tsx'

interface CollectingProps {
  readonly collecting: HealthReport['collecting']
  /** Called when it was paused or resumed. */
  readonly onChange: () => void
}

/** Pauses and resumes the recording. What a pause costs is said before it begins. */
export function Collecting({ collecting, onChange }: CollectingProps) {
  const { client } = useStores()
  const [asking, setAsking] = useState(false)
  const [fault, setFault] = useState<string | null>(null)
  const set = async (paused: boolean) => {
    try {
      await client.ask('setCollecting', { paused })
      setFault(null)
      onChange()
    } catch (thrown) {
      setFault(thrown instanceof Error ? thrown.message : String(thrown))
    }
  }
  const pause = () => {
    setAsking(false)
    void set(true)
  }
  return (
    <div className="collecting">
      {collecting.paused ? (
        <>
          <p className="paused" role="alert">
            <strong>Collecting is paused</strong>
            {collecting.since === null ? '' : ` since ${istTime(Date.parse(collecting.since))} IST`}. Nothing is
            recorded.
          </p>
          <button type="button" className="primary" onClick={() => void set(false)}>
            Resume collecting
          </button>
        </>
      ) : (
        <button type="button" onClick={() => setAsking(true)}>
          Pause collecting …
        </button>
      )}
      {fault === null ? null : (
        <p className="fault" role="alert">
          {fault}
        </p>
      )}
      {asking ? <Question onPause={pause} onClose={() => setAsking(false)} /> : null}
    </div>
  )
}

function Question({ onPause, onClose }: { readonly onPause: () => void; readonly onClose: () => void }) {
  return (
    <Dialog title="Pause collecting?" onClose={onClose}>
      <p>
        While it is paused, nothing of the market is received and nothing is recorded. The time stands in the record as
        a gap with the cause <em>paused</em>, and what is missed cannot be had later.
      </p>
      <p>
        What was received until now is recorded. Collecting goes on when you resume it here, and with the next start of
        the program.
      </p>
      <div className="answers">
        <button type="button" onClick={onClose}>
          Go on collecting
        </button>
        <button type="button" className="primary" onClick={onPause}>
          Pause collecting
        </button>
      </div>
    </Dialog>
  )
}
