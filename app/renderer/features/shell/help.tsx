import { Dialog } from '../../ui/dialog.tsx'
import { VIEW_FACTS, VIEWS } from './views.ts'

const KEYS = [
  ['1 – 5', 'index'],
  ['← →', 'expiry'],
  ['↑ ↓', 'strike'],
  ['B', 'back to the ATM strike'],
  ['G', 'prices or Greeks'],
  ['C', 'choose columns'],
  ['/', 'go to a strike'],
  ['Space', 'freeze the screen, and let it run'],
  ...VIEWS.map((view) => [VIEW_FACTS[view].key, VIEW_FACTS[view].title.toLowerCase()] as const),
  ['S', 'display: colours, units, theme'],
  ['?', 'this list'],
  ['Esc', 'close, deselect'],
] as const

export function Help({ onClose }: { readonly onClose: () => void }) {
  return (
    <Dialog title="Keys" onClose={onClose}>
      <dl className="keys">
        {KEYS.map(([key, does]) => (
          <div key={key}>
            <dt>
              <kbd>{key}</kbd>
            </dt>
            <dd>{does}</dd>
          </div>
        ))}
      </dl>
      <p className="hint">
        R and S: strikes with the most open interest of calls and of puts. MP: max pain. ATM: the listed strike nearest
        to the forward. Dimmed: no packet for 30 s.
      </p>
    </Dialog>
  )
}
