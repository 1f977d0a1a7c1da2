import { expect, it } from 'vitest'
import type { LogFields } from '../../core/kernel/logger.ts'
import { silentLogger } from '../../core/testing/silent-logger.ts'
import { receiveLink } from './deep-link.ts'
import { readLaunch } from './launch.ts'

it("reads what is ours among Chromium's switches", () => {
  const argv = ['--no-sandbox', '/checkout', '--hidden', '--port', '9000', '--data-dir=/data', 'optrade://kite?a=b']
  expect(readLaunch(argv)).toEqual({
    hidden: true,
    assumeTray: false,
    flags: { DATA_SOURCE: undefined, API_PORT: '9000', DATA_DIR: '/data' },
    link: 'optrade://kite?a=b',
  })
  expect(readLaunch(['--remote-debugging-port=0', '--inspect=0']).link).toBeNull()
})

it('refuses links, and never logs what they carry', () => {
  const said: string[] = []
  const logger = { ...silentLogger, warning: (text: string, _fields?: LogFields) => void said.push(text) }
  receiveLink('optrade://kite?request_token=token', logger)
  receiveLink('nonsense', logger)
  expect(said[0]).toContain('optrade://kite was refused')
  expect(said.join()).not.toContain('token')
})
