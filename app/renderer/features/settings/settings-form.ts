import { createStore, type StoreApi } from 'zustand/vanilla'
import type { SettingsReport } from '../../../../core/contract/operations.ts'
import { isSettingName, parseSettings } from '../../../../core/contract/settings.ts'
import { type MonitorClient, MonitorFault } from '../../client/monitor-client.ts'

export type Setting = SettingsReport['settings'][number]

/** The group of the page's own preferences, before those of the monitor. */
export const DISPLAY_GROUP = 'display'

export interface FormState {
  readonly report: SettingsReport | null
  /** What went wrong with the last question to the monitor. */
  readonly problem: string | null
  /** Texts that are not saved yet, by name; null = back to the default. */
  readonly drafts: Readonly<Record<string, string | null>>
  /** What is wrong, by name. */
  readonly faults: Readonly<Record<string, string>>
  /** The monitor was asked, and saved nothing. */
  readonly refused: boolean
  readonly saving: boolean
  /** Something was saved, and nothing changed since. */
  readonly saved: boolean
  readonly group: string
  readonly query: string
  /** The setting that gets the focus next. */
  readonly target: string | null
}

/** The form of the settings page; what is not saved stays when the page is left. */
export interface SettingsForm {
  readonly store: StoreApi<FormState>
  load(): Promise<void>
  /** Texts as written; null goes back to the default. */
  edit(name: string, text: string | null): void
  /** Says what is wrong with a draft by itself, as the monitor would when it is saved. */
  check(name: string): void
  undo(name: string): void
  discard(): void
  /** Saves every draft; resolves with whether it was written. */
  save(): Promise<boolean>
  /** Shows a group from its beginning. */
  show(group: string): void
  search(query: string): void
  /** Shows a setting and gives it the focus. */
  goTo(name: string): void
  /** The focus has arrived. */
  arrived(): void
}

/** What the next start uses as things stand. */
export function standingText(setting: Setting): string | null {
  return setting.changed ? setting.pending : setting.value
}

/** What a control shows: the draft, and without one what stands. */
export function shownText(setting: Setting, drafts: FormState['drafts']): string | null {
  const draft = drafts[setting.name]
  if (draft === undefined) return standingText(setting)
  return draft ?? setting.default
}

/** What is saved and comes into force with the next start. */
export function waitsForRestart({ changed, restart, effect }: Setting): boolean {
  return changed && restart && effect === 'full'
}

/** Whether a text would change nothing. A new secret is always a change: the page does not know the old one. */
function isStanding(setting: Setting, text: string | null): boolean {
  if (text === null) return setting.secret ? !setting.will_be_set : setting.origin === 'default'
  return setting.secret ? text === '' : text === standingText(setting)
}

/** Settings whose name and meaning, or whose group, have all the words; every one for no words. */
export function findSettings(report: SettingsReport, query: string): Setting[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean)
  const titles = new Map(report.groups.map(({ name, title }) => [name, title]))
  return report.settings.filter(({ name, doc, group }) => {
    const texts = [`${name} ${name.replaceAll('_', ' ')} ${doc}`, titles.get(group) ?? '']
    return texts.some((text) => words.every((word) => text.toLowerCase().includes(word)))
  })
}

/** A record without one of its names. */
function without<Value>(record: Readonly<Record<string, Value>>, name: string): Record<string, Value> {
  return Object.fromEntries(Object.entries(record).filter(([key]) => key !== name))
}

const EMPTY: FormState = {
  report: null,
  problem: null,
  drafts: {},
  faults: {},
  refused: false,
  saving: false,
  saved: false,
  group: DISPLAY_GROUP,
  query: '',
  target: null,
}

export function createSettingsForm(client: MonitorClient): SettingsForm {
  const store = createStore<FormState>(() => EMPTY)
  const { getState, setState } = store
  const settingOf = (name: string) => getState().report?.settings.find((setting) => setting.name === name)
  const edit = (name: string, text: string | null) => {
    const { drafts, faults } = getState()
    const setting = settingOf(name)
    if (setting === undefined) return
    const rest = without(drafts, name)
    const next = isStanding(setting, text) ? rest : { ...rest, [name]: text }
    setState({ drafts: next, faults: without(faults, name), refused: false, saved: false })
  }
  return {
    store,
    edit,
    async load() {
      try {
        setState({ report: await client.ask('settings', {}), problem: null })
      } catch (fault) {
        setState({ problem: wordsOf(fault) })
      }
    },
    check(name) {
      const { drafts, faults } = getState()
      const fault = faultOf(name, drafts[name] ?? null)
      if (fault !== null) setState({ faults: { ...faults, [name]: fault } })
    },
    undo(name) {
      const { drafts, faults } = getState()
      setState({ drafts: without(drafts, name), faults: without(faults, name) })
    },
    discard: () => setState({ drafts: {}, faults: {}, problem: null }),
    save: () => save(client, store),
    show: (group) => setState({ group, query: '' }),
    search: (query) => setState({ query }),
    goTo(name) {
      const setting = settingOf(name)
      if (setting !== undefined) setState({ group: setting.group, query: '', target: name })
    },
    arrived: () => setState({ target: null }),
  }
}

function faultOf(name: string, text: string | null): string | null {
  if (text === null || !isSettingName(name)) return null
  const fault = parseSettings({ [name]: text }).faults.find((one) => one.name === name)
  return fault === undefined ? null : `Must be ${fault.must}.`
}

async function save(client: MonitorClient, { getState, setState }: StoreApi<FormState>): Promise<boolean> {
  const { drafts, saving } = getState()
  if (saving || Object.keys(drafts).length === 0) return false
  setState({ saving: true, problem: null })
  try {
    const { faults, settings } = await client.ask('changeSettings', { changes: drafts })
    const [first] = Object.keys(faults)
    if (first === undefined) {
      // What was typed while the answer was on its way is not saved yet.
      const later = Object.entries(getState().drafts).filter(
        ([name, text]) => drafts[name] !== text || !(name in drafts),
      )
      setState({
        report: settings,
        drafts: Object.fromEntries(later),
        faults,
        saving: false,
        saved: later.length === 0,
      })
      return true
    }
    const group = settings.settings.find(({ name }) => name === first)?.group ?? getState().group
    setState({ report: settings, faults, refused: true, saving: false, group, query: '', target: first })
  } catch (fault) {
    setState({ saving: false, problem: wordsOf(fault) })
  }
  return false
}

function wordsOf(fault: unknown): string {
  return fault instanceof MonitorFault ? `${fault.message} ${fault.hint}` : String(fault)
}
