import { Dialog } from '../../ui/dialog.tsx'
import { VIEW_FACTS, VIEWS } from './views.ts'

type Keys = readonly (readonly [key: string, does: string])[]

const EVERYWHERE: Keys = [
  ...VIEWS.map((view) => [VIEW_FACTS[view].key, VIEW_FACTS[view].title.toLowerCase()] as const),
  ['1 – 5', 'index'],
  ['S', 'display: colours, units, theme'],
  ['E', 'export recorded legs'],
  ['?', 'this list'],
  ['Tab', 'next control; arrows within tabs'],
  ['Ctrl S', 'save the settings (Settings)'],
  ['F6', 'into the first steps, and back'],
  ['Esc', 'close, deselect'],
]

const CHAIN: Keys = [
  ['← →', 'expiry (also Greeks, Charts)'],
  ['Space', 'freeze the screen, and let it run'],
  ['↑ ↓', 'strike'],
  ['Page ↑ ↓', 'ten strikes'],
  ['Home End', 'first, last strike'],
  ['P', 'call or put of the chosen strike'],
  ['B', 'back to the ATM strike'],
  ['/', 'go to a strike'],
  ['G', 'prices or Greeks'],
  ['C', 'choose columns'],
]

const HISTORY: Keys = [
  ['T', 'history: the screen at an earlier instant; then: type a time'],
  ['L', 'back to live'],
  ['[ ]', 'one recorded tick of the chain back, forward'],
  ['{ }', 'one second'],
  ['< >', 'one minute'],
  ['Space', 'play and pause (Chain, Greeks, Charts)'],
]

export function Help({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <div className="key-lists">
        <KeyList title="Everywhere" keys={EVERYWHERE} />
        <KeyList title="Chain" keys={CHAIN} />
        <KeyList title="History" keys={HISTORY} />
      </div>
      <p className="hint">
        R and S: strikes with the most open interest of calls and of puts. MP: max pain. ATM: the listed strike nearest
        to the forward. Dimmed: no packet of that contract for 30 s; hatched: none of the whole chain. OI change and
        build-up are against the previous close: a dash until a day before is on record.
      </p>
    </Dialog>
  )
}

function KeyList({ title, keys }: { readonly title: string; readonly keys: Keys }) {
  return (
    <section>
      <h3>{title}</h3>
      <dl className="keys">
        {keys.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
    </section>
  )
}
