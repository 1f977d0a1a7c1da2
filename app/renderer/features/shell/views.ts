/** The pages, in the order of the rail, with the key that leads there. */
export const VIEWS = ['chain', 'greeks', 'charts', 'alerts', 'health', 'settings'] as const
export type View = (typeof VIEWS)[number]

export const VIEW_FACTS: Readonly<Record<View, { readonly title: string; readonly key: string }>> = {
  chain: { title: 'Chain', key: 'O' },
  greeks: { title: 'Greeks', key: 'K' },
  charts: { title: 'Charts', key: 'R' },
  alerts: { title: 'Alerts', key: 'A' },
  health: { title: 'Health', key: 'H' },
  settings: { title: 'Settings', key: ',' },
}
