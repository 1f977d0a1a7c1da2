import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'
import { afterEach, describe, expect, it } from 'vitest'
import { send, takePort } from '../testing/http-rig.ts'
import { createDoor } from './door.ts'

const closing: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

function pageFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'op-trading-door-'))
  closing.push(() => rmSync(folder, { recursive: true }))
  mkdirSync(join(folder, 'assets'))
  writeFileSync(join(folder, 'index.html'), '<title>page</title>')
  writeFileSync(join(folder, 'assets', 'main-1a2b.js'), 'export {}')
  // More than sockets take by themselves.
  writeFileSync(join(folder, 'assets', 'large-3c4d.js'), Buffer.alloc(32_000_000, ' '))
  return folder
}

async function openDoor(port = 0) {
  const options = { name: 'api', host: '127.0.0.1', port, portSetting: 'API_PORT', allowedHosts: [] }
  const door = createDoor({ ...options, pageFolder: pageFolder() })
  closing.push(door.stop)
  await door.start()
  return door
}

describe('a door behind which nobody is yet', () => {
  it('gives the page, and keeps everything else until somebody answers', async () => {
    const door = await openDoor()
    expect((await send(door.port(), '/')).text).toBe('<title>page</title>')
    expect((await send(door.port(), '/assets/main-1a2b.js?x=1')).text).toBe('export {}')
    const answered: string[] = []
    const waits = ['/health', '/nothing', '/assets/main-0000.js'].map(async (path) => {
      answered.push((await send(door.port(), path)).text)
    })
    await send(door.port(), '/')
    expect(answered).toEqual([])
    door.open((request, response) => void response.end(`answer to ${request.url}`))
    await Promise.all(waits)
    expect(answered.sort()).toEqual(['answer to /assets/main-0000.js', 'answer to /health', 'answer to /nothing'])
    expect((await send(door.port(), '/later')).text).toBe('answer to /later')
    expect((await send(door.port(), '/')).text).toBe('<title>page</title>')
  })

  it('gives the page to nobody who asks another host for it, or comes from the page of another', async () => {
    const door = await openDoor()
    const foreign = [{ host: 'evil.example' }, { origin: 'http://evil.example' }]
    const replies = foreign.map((headers) => send(door.port(), '/', headers))
    door.open((_, response) => void response.writeHead(403).end())
    for (const reply of replies) expect(await reply).toMatchObject({ status: 403, text: '' })
  })

  it('lets go of whoever waits when it is shut', async () => {
    const door = await openDoor()
    const waits = expect(send(door.port(), '/health')).rejects.toThrow(/socket hang up|ECONNRESET/)
    await send(door.port(), '/')
    await door.stop()
    await waits
    await expect(send(door.port(), '/')).rejects.toThrow('ECONNREFUSED')
  })

  it('is calm when no file is on its way, whether it arrived or was left', async () => {
    const door = await openDoor()
    await door.calm()
    const reader = connect(door.port(), '127.0.0.1')
    reader.pause().write(`GET /assets/large-3c4d.js HTTP/1.1\r\nHost: 127.0.0.1:${door.port()}\r\n\r\n`)
    await once(door.server, 'request')
    let calm = false
    const settled = door.calm().then(() => {
      calm = true
    })
    await setTimeout(50)
    expect(calm).toBe(false)
    reader.destroy()
    await settled
  })

  it('says which setting chose a port that is taken', async () => {
    const taken = await takePort()
    closing.push(taken.release)
    await expect(openDoor(taken.port)).rejects.toMatchObject({ code: 'port_taken', details: { setting: 'API_PORT' } })
  })
})
