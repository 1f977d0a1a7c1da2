import './zod-settings.ts'
import type { Notice } from '../../core/contract/desktop.ts'
import { desktopBridge } from './client/desktop-bridge.ts'
import { createDesktopClient } from './client/desktop-client.ts'
import { createPreferences } from './store/preferences.ts'
import './styles/tokens.css'
import './styles/base.css'
import './styles/notice.css'

/** What the window shows while there is no monitor behind it: it cannot start, starts again, or is being stopped. */
const TITLES: Readonly<Record<Notice['kind'], string>> = {
  starting: 'OP Trading is starting',
  failed: 'OP Trading cannot start',
  stopping: 'OP Trading is closing',
}

function part(id: string): HTMLElement {
  const element = document.getElementById(id)
  if (element === null) throw new TypeError(`the page has no ${id}`)
  return element
}

function draw({ kind, sentence, hint }: Notice): void {
  part('notice').hidden = false
  part('notice-title').textContent = TITLES[kind]
  part('notice-sentence').textContent = sentence.charAt(0).toUpperCase() + sentence.slice(1)
  part('notice-hint').textContent = hint ?? ''
  part('notice-actions').hidden = kind !== 'failed'
  if (kind === 'failed') part('notice-retry').focus()
}

document.documentElement.dataset.theme = createPreferences(localStorage).getState().theme
const bridge = desktopBridge()
if (bridge !== null) {
  const desktop = createDesktopClient(bridge)
  desktop.onEvent((event) => {
    if (event.kind === 'notice') draw(event.notice)
  })
  const say = (fault: unknown) => draw({ kind: 'failed', sentence: String(fault), hint: null })
  part('notice-retry').addEventListener('click', () => void desktop.ask('retry', {}).catch(say))
  part('notice-data').addEventListener('click', () => void desktop.ask('openDataFolder', {}).catch(say))
  desktop.ask('notice', {}).then(({ notice }) => {
    if (notice !== null) draw(notice)
  }, say)
}
