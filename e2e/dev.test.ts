import { createServer } from 'node:net'
import { expect, it, onTestFinished } from 'vitest'
import { launchChromium, openPage } from '../build/browser.ts'
import { startForTest, testFolder } from './fixture.ts'
import { chainShown } from './page-site.ts'
import { NPM_START } from './product.ts'

/** A port that nobody uses now. */
async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

it('npm run dev serves the page from its sources, connected for hot reload, beside a running product', {
  timeout: 120_000,
}, async () => {
  const settings = { DATA_DIR: testFolder(), API_PORT: String(await freePort()), INDICES: 'NIFTY' }
  const dev = startForTest(['dev'], process.cwd(), settings, onTestFinished, NPM_START)
  const address = await dev.waitFor(/the page with hot reload is at (http:\/\/[\d.:]+)/)
  const browser = await launchChromium()
  onTestFinished(() => browser.close())
  const { page, complaints } = await openPage(browser, 'about:blank')
  const reloads = page.waitForEvent('websocket')
  await page.goto(address)
  expect((await reloads).url()).toContain(new URL(address).host)
  await chainShown(page)
  expect(await page.locator('script[src*="@vite/client"]').count()).toBe(1)
  // What changes something goes through as well.
  await page.keyboard.press('h')
  await page.getByRole('button', { name: 'Pause collecting …' }).click()
  await page.getByRole('dialog').getByRole('button', { name: 'Pause collecting' }).click()
  await page.getByRole('heading', { name: /^Collecting is paused/ }).waitFor()
  expect(complaints).toEqual([])
  expect(await dev.stop('SIGTERM')).toBe(0)
})
