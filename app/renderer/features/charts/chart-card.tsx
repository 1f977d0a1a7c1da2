import { type KeyboardEvent, type ReactNode, useId, useRef } from 'react'
import { istDate, istTime } from '../../../../core/domain/ist.ts'
import { type CsvTable, csvText } from '../../lib/csv-text.ts'
import { saveFile } from '../../lib/save-file.ts'
import { momentText } from '../../lib/time-axis.ts'
import { useStores } from '../../store/context.ts'
import { textScale } from '../../ui/use-text-scale.ts'
import { type LegendEntry, Swatch } from './chart-marks.tsx'
import { chartPicture } from './chart-picture.ts'
import { useDesk } from './desk.ts'
import type { Fault } from './use-answer.ts'
import { type Box, useBox } from './use-box.ts'

/** What stands in the place of a chart that cannot be drawn; null when it can. */
export type Absence =
  | { readonly kind: 'loading' }
  | { readonly kind: 'empty'; readonly text: string }
  | { readonly kind: 'fault'; readonly fault: Fault; readonly retry: () => void }

/** A chart's place on the screen. */
export interface PlotBox extends Box {
  /** 1, more on large screens, where text is larger. */
  readonly scale: number
}

export interface ChartCardProps {
  readonly id: string
  readonly title: string
  /** The essence in numbers, beside the title. */
  readonly headline: string
  /** Behind the name of the chain. */
  readonly detail?: string
  /** In place of the name of the chain. */
  readonly subject?: string
  readonly legend: readonly LegendEntry[]
  readonly absence: Absence | null
  readonly table: () => CsvTable
  /** Drawn only while it is in sight. */
  readonly plot: (box: PlotBox) => ReactNode
  /** Below the plot. */
  readonly foot?: (box: PlotBox) => ReactNode
}

/** One chart with its title, legend and buttons. */
export function ChartCard(props: ChartCardProps) {
  const { id, title, headline, detail, subject, legend, absence, foot } = props
  const card = useRef<HTMLElement>(null)
  const titleId = useId()
  const { name, maximised } = useDesk()
  const { element, inSight, width, height } = useBox()
  const box = { width, height, scale: textScale() }
  const isReady = absence === null
  if (maximised !== null && maximised !== id) return null
  return (
    <section ref={card} className="chart-card" aria-labelledby={titleId} data-chart={id}>
      <header>
        <h2 id={titleId}>
          {title}{' '}
          <small>
            <span>
              {subject ?? name}
              {detail === undefined ? '' : ` · ${detail}`}
            </span>
          </small>
        </h2>
        <span className="headline num" title={isReady ? headline : undefined}>
          {isReady ? headline : ''}
        </span>
        <CardTools {...props} card={card} />
      </header>
      <ul className="chart-legend">
        {(isReady ? legend : []).map((entry) => (
          <li key={entry.name}>
            <Swatch color={entry.color} shape={entry.shape} /> {entry.name}
          </li>
        ))}
      </ul>
      <figure ref={element} className="chart-plot" onKeyDown={keepArrows}>
        {isReady ? <Held plot={props.plot} box={box} isHeld={!inSight} /> : <Missing absence={absence} />}
      </figure>
      {isReady && foot !== undefined ? <div className="chart-foot">{foot(box)}</div> : null}
    </section>
  )
}

/** With the focus on a chart, arrows move its crosshair and nothing else. */
function keepArrows(event: KeyboardEvent): void {
  if (event.key.startsWith('Arrow')) event.stopPropagation()
}

interface HeldProps {
  readonly plot: ChartCardProps['plot']
  readonly box: PlotBox
  readonly isHeld: boolean
}

/** Out of sight a chart stays as it was drawn last: what nobody sees costs nothing. */
function Held({ plot, box, isHeld }: HeldProps) {
  const drawn = useRef<ReactNode>(null)
  if (box.width > 40 && box.height > 40 && (!isHeld || drawn.current === null)) drawn.current = plot(box)
  return drawn.current
}

function Missing({ absence }: { readonly absence: Absence }) {
  if (absence.kind === 'loading') {
    return (
      <div className="chart-absence" role="status" aria-busy="true">
        Loading …
      </div>
    )
  }
  if (absence.kind === 'empty') {
    return (
      <div className="chart-absence" role="status">
        {absence.text}
      </div>
    )
  }
  return (
    <div className="chart-absence" role="status">
      <p>{sentence(absence.fault.message)}</p>
      <p className="quiet">{absence.fault.hint}</p>
      <button type="button" onClick={absence.retry}>
        Try again
      </button>
    </div>
  )
}

function sentence(text: string): string {
  const begun = text.charAt(0).toUpperCase() + text.slice(1)
  return /[.!?…]$/.test(begun) ? begun : `${begun}.`
}

type ToolsProps = ChartCardProps & { readonly card: { readonly current: HTMLElement | null } }

function CardTools({ id, title, subject, absence, table, card }: ToolsProps) {
  const { name, maximised, setMaximised } = useDesk()
  const facts = useExportFacts(id)
  const isMaximised = maximised === id
  const savePicture = async () => {
    if (card.current === null) return
    const { fileName, moment, warning } = facts()
    const picture = await chartPicture(card.current, {
      title: `${title} · ${subject ?? name}`,
      subtitle: moment,
      warning,
    })
    if (picture !== null) saveFile(`${fileName}.png`, picture)
  }
  const saveTable = () => {
    const { fileName } = facts()
    saveFile(`${fileName}.csv`, new Blob([csvText(table())], { type: 'text/csv' }))
  }
  const isAbsent = absence !== null
  return (
    <div className="card-tools">
      <button type="button" disabled={isAbsent} onClick={() => void savePicture()} aria-label={`${title} as PNG`}>
        PNG
      </button>
      <button type="button" disabled={isAbsent} onClick={saveTable} aria-label={`${title} as CSV`}>
        CSV
      </button>
      <button
        type="button"
        className="icon"
        aria-pressed={isMaximised}
        aria-label={isMaximised ? `Restore ${title}` : `Maximise ${title}`}
        title={isMaximised ? 'Back to all (Esc)' : 'Maximise'}
        onClick={() => setMaximised(isMaximised ? null : id)}
      >
        <svg viewBox="0 0 12 12" aria-hidden="true">
          <path d={isMaximised ? 'M7 1v4h4M5 11V7H1M7 5l4-4M5 7l-4 4' : 'M7 1h4v4M5 11H1V7M11 1 7 5M1 11l4-4'} />
        </svg>
      </button>
    </div>
  )
}

/** Name and title of what is exported, as of the moment of the click. */
function useExportFacts(id: string) {
  const { market } = useStores()
  return () => {
    const { chain, selection, health, indices, asOf } = market.store.getState()
    const time = chain?.head.time ?? asOf ?? 0
    const source = health?.source ?? indices?.source ?? 'kite'
    const isSimulated = source === 'sim' || health?.simulated === true
    const stamp = `${istDate(time)}_${istTime(time).replaceAll(':', '')}`
    return {
      fileName: `${selection.index}_${chain?.expiry ?? selection.bucket}_${id}_${stamp}`,
      moment: momentText(time),
      warning: source === 'replay' ? 'REPLAY' : isSimulated ? 'SIMULATED' : null,
    }
  }
}
