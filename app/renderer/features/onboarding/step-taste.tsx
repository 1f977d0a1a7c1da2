import type { ReactNode } from 'react'
import { INDEX_NAMES, type IndexName } from '../../../../core/domain/index-catalog.ts'
import { usePreferences } from '../../store/context.ts'
import { Choice } from '../../ui/choice.tsx'
import { SchoolChoice, ThemeChoice, UnitsChoice } from '../shell/display-choices.tsx'
import type { CollectedIndices } from './collected-indices.ts'

interface StepTasteProps {
  readonly indices: CollectedIndices
  readonly onIndex: (index: IndexName) => void
}

/** Which markets, and how they look. The looks are in force at once. */
export function StepTaste({ indices, onIndex }: StepTasteProps) {
  const index = usePreferences((state) => state.index)
  const { chosen, all, fixedBy, fault, isChanged } = indices
  const homes = INDEX_NAMES.filter((name) => chosen?.includes(name) ?? true)
  return (
    <div className="taste">
      <fieldset className="collected" disabled={fixedBy !== null} title={fixedBy ?? undefined}>
        <legend>Collected</legend>
        {all.map((name) => (
          <label key={name}>
            <input
              type="checkbox"
              aria-label={name}
              checked={chosen?.includes(name) ?? false}
              onChange={() => indices.toggle(name)}
            />
            {name}
          </label>
        ))}
        <span className="hint" role="status">
          {fault ?? (isChanged ? 'from the next start on' : '')}
        </span>
      </fieldset>
      <Field title="Shown first">
        <Choice label="Shown first" value={index} options={homes.map((name) => [name, name])} onChange={onIndex} />
      </Field>
      <Field title="Calls and puts">
        <SchoolChoice />
      </Field>
      <Field title="Open interest and volume">
        <UnitsChoice />
      </Field>
      <Field title="Theme">
        <ThemeChoice />
      </Field>
    </div>
  )
}

function Field({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <div className="taste-field">
      <span>{title}</span>
      {children}
    </div>
  )
}
