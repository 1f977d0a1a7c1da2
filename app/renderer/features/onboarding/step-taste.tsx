import type { ReactNode } from 'react'
import { INDEX_NAMES, type IndexName } from '../../../../core/domain/index-catalog.ts'
import { usePreferences, useStores } from '../../store/context.ts'
import { Choice } from '../../ui/choice.tsx'
import type { CollectedIndices } from './collected-indices.ts'

interface StepTasteProps {
  readonly indices: CollectedIndices
  readonly onIndex: (index: IndexName) => void
}

/** Which markets, and how they look. The looks are in force at once. */
export function StepTaste({ indices, onIndex }: StepTasteProps) {
  const { preferences } = useStores()
  const { index, school, units, theme } = usePreferences((state) => state)
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
        <Choice
          label="Colours of calls and puts"
          value={school}
          options={[
            ['ce_red', 'CE red, PE green'],
            ['ce_green', 'CE green, PE red'],
          ]}
          onChange={(value) => preferences.setState({ school: value })}
        />
      </Field>
      <Field title="Quantities">
        <Choice
          label="Quantities"
          value={units}
          options={[
            ['lots', 'In lots'],
            ['quantity', 'In units'],
          ]}
          onChange={(value) => preferences.setState({ units: value })}
        />
      </Field>
      <Field title="Theme">
        <Choice
          label="Theme"
          value={theme}
          options={[
            ['system', 'As the system'],
            ['dark', 'Dark'],
            ['light', 'Light'],
          ]}
          onChange={(value) => preferences.setState({ theme: value })}
        />
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
