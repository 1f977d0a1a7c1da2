import { spawnSync } from 'node:child_process'
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { startOptrade, temporaryFolder } from './product.ts'

type Settings = Readonly<Record<string, string>>

/** A command that hangs is ended after this time, and has no exit status. */
const HANGS_MS = 30_000

/** Runs a command in a folder of its own, with a file in it. */
async function end(args: readonly string[], settings: Settings = {}, file?: readonly [name: string, text: string]) {
  const folder = temporaryFolder()
  if (file !== undefined) {
    mkdirSync(join(folder.path, 'data'))
    writeFileSync(join(folder.path, file[0]), file[1])
  }
  const command = startOptrade(args, folder.path, settings)
  const timer = setTimeout(() => command.child.kill('SIGKILL'), HANGS_MS)
  const status = await command.ended
  clearTimeout(timer)
  const files = readdirSync(folder.path)
  folder.remove()
  const stderr = command.errors()
  expect(stderr).not.toMatch(/^ +at /m)
  return { status, stderr, stdout: command.output().slice(0, command.output().length - stderr.length), files }
}

describe.concurrent('wrong settings', () => {
  it('are told all at once, a line each, without the values of secrets', async () => {
    const settings = { API_PORT: '99999', SIM_SPEED: '-1', INDICES: 'FOO', METRICS_TOKEN: 'hush-hush' }
    const { status, stderr } = await end(['run'], settings)
    expect(status).toBe(2)
    expect(stderr.split('\n')).toEqual([
      'optrade: the settings are wrong:',
      expect.stringMatching(/^SIM_SPEED = "-1" \(environment\): must be a number above 0/),
      expect.stringMatching(/^INDICES = "FOO" \(environment\): must be one or more of NIFTY/),
      expect.stringMatching(/^API_PORT = "99999" \(environment\): must be a port/),
      expect.stringMatching(/^METRICS_TOKEN = \(hidden\) \(environment\): must be at least 16 characters/),
      expect.stringContaining('docs/configuration.md'),
      '',
    ])
    expect(stderr).not.toContain('hush')
  })

  it.each([
    ['a broken settings.json', '{"KITE_API_SECRET": "hush', /data\/settings\.json: this is not valid JSON/],
    ['a settings.json that is no object', '[]', /data\/settings\.json: this must be one JSON object/],
  ])('%s is named', async (_, text, fault) => {
    const { status, stderr } = await end(['run'], {}, ['data/settings.json', text])
    expect(status).toBe(2)
    expect(stderr).toMatch(fault)
    expect(stderr).not.toContain('hush')
  })

  it('are found by `config check` too, which is content with right ones', async () => {
    expect(await end(['config', 'check'], { SIM_SPEED: 'x' })).toMatchObject({ status: 2 })
    expect(await end(['config', 'check', '--json'])).toMatchObject({ status: 0, stdout: '{"ok":true,"unknown":[]}\n' })
  })

  it('are shown with their origin, secrets hidden', async () => {
    const long = 'hush-hush-hush-hush-hush-hush-hush'
    const text = `KITE_API_SECRET=hush\nREDIS_URL=redis://me:hush@h:1\nJWT_SECRET_KEY=${long}\n`
    const { status, stdout } = await end(['config', 'show', '--json'], {}, ['.env', text])
    expect(status).toBe(0)
    const shown = z
      .array(z.object({ name: z.string(), value: z.string().nullable(), origin: z.string() }))
      .parse(JSON.parse(stdout))
    expect(shown).toContainEqual({ name: 'KITE_API_SECRET', value: '(hidden)', origin: 'dotenv' })
    expect(shown).toContainEqual({ name: 'API_PORT', value: '0', origin: 'environment' })
    expect(stdout).not.toContain('hush')
  })
})

describe.concurrent('wrong use', () => {
  it.each<[string[], Settings, RegExp]>([
    [['bogus'], {}, /^error: unknown command 'bogus'/],
    [['run', '--bogus'], {}, /^error: unknown option '--bogus'/],
    [['sim', 'serve', '--bogus'], {}, /^error: unknown option '--bogus'/],
    [['config', 'show', '--bogus'], {}, /^error: unknown option '--bogus'/],
    [['run', 'extra'], {}, /^error: too many arguments for 'run'/],
    [['run', '--port', 'abc'], {}, /^API_PORT = "abc" \(flag\): must be a port/m],
    [['run', '--source', 'foo'], {}, /^DATA_SOURCE = "foo" \(flag\): must be sim, kite or replay/m],
    [['run', '--roles', 'api'], {}, /^optrade: running single roles is not part of this version/],
    [['run'], { API_HOST: '0.0.0.0' }, /^optrade: API_HOST=0\.0\.0\.0 \(the API has no login yet/],
    [['sim', 'serve', '--port', '70000'], {}, /^optrade: --port 70000 must be a whole number from 0 to 65535/],
    [['sim', 'serve', '--speed', 'x'], {}, /^optrade: --speed x must be a number above 0/],
    [['sim', 'serve', '--at', 'noon'], {}, /^optrade: --at noon must be an instant like 2026-11-23T09:10\+05:30/],
    [['sim', 'serve', '--fault', 'nonsense'], {}, /^optrade: fault "nonsense" is not one of: /],
    [['sim', 'serve', '--redirect-url', 'x'], {}, /^optrade: --redirect-url x is not a http or https address/],
  ])('%j %j', async (args, settings, sentence) => {
    const { status, stderr, stdout } = await end(args, settings)
    expect(status).toBe(2)
    expect(stderr).toMatch(sentence)
    // What to do about it is the second line, except for those of settings, which have one a fault.
    expect(stderr.trimEnd().split('\n').length).toBeGreaterThan(1)
    expect(stdout).toBe('')
  })

  it.each([
    [[]],
    [['run']],
    [['status']],
    [['sim', 'serve']],
    [['config']],
    [['config', 'show']],
    [['config', 'check']],
    [['config', 'docs']],
  ])('%j --help says how', async (args) => {
    const { status, stdout, stderr } = await end([...args, '--help'])
    expect(status).toBe(0)
    expect(stdout).toMatch(new RegExp(`^Usage: optrade ${args.join(' ')}`))
    expect(stderr).toBe('')
  })
})

function mountReadOnly(path: string): boolean {
  return spawnSync('mount', ['-t', 'tmpfs', '-o', 'ro', 'tmpfs', path]).status === 0
}

/** Only root on Linux may mount; where nobody may, there is no read-only disk to try. */
function mountsReadOnly(): boolean {
  const { path, remove } = temporaryFolder()
  const mounted = mountReadOnly(path)
  if (mounted) spawnSync('umount', [path])
  remove()
  return mounted
}

describe.concurrent('a place that will not do', () => {
  it.each<[string, string, RegExp]>([
    ['below a file', 'file/data', /a part of the path is a file, not a folder\nGive this user write permission/],
    ['that is a file', 'file', /it is a file, not a folder\n/],
    [
      'in a synchronised folder',
      'OneDrive - Acme/data',
      /lies in a folder that OneDrive synchronises\n.*Choose a local folder/,
    ],
  ])('a DATA_DIR %s is refused', async (_, path, sentence) => {
    const { status, stderr, files } = await end(['run'], { DATA_DIR: path }, ['file', ''])
    expect(status).toBe(1)
    expect(stderr).toMatch(sentence)
    expect(files.sort()).toEqual(['data', 'file'])
  })

  it('a recorded market that is not there ends the exchange', async () => {
    const { status, stderr } = await end(['sim', 'serve', '--recorded', 'none.csv'])
    expect(status).toBe(1)
    expect(stderr).toMatch(/^optrade: cannot read none\.csv: .*\nCheck that the file exists/)
  })

  it('a KITE_ROOT without a simulated exchange ends a simulated run', async () => {
    const { status, stderr } = await end(['run'], { KITE_ROOT: 'http://127.0.0.1:1' })
    expect(status).toBe(1)
    expect(stderr).toMatch(/^optrade: no simulated exchange answers at http:\/\/127\.0\.0\.1:1 .*\nStart it with/)
  })

  it.each([[[]], [['--json']]])('`status %j` says that nothing runs', async (args) => {
    const { status, stderr, stdout } = await end(['status', ...args])
    expect(status).toBe(1)
    expect(stderr).toMatch(/^optrade: no OP Trading runs on .*data\nStart it with `optrade run`/)
    expect(stdout).toBe('')
  })

  it.skipIf(!mountsReadOnly())('a DATA_DIR on a read-only disk is refused', async () => {
    const { path, remove } = temporaryFolder()
    mountReadOnly(path)
    const outcomes = [await end(['run'], { DATA_DIR: path }), await end(['run'], { DATA_DIR: join(path, 'data') })]
    spawnSync('umount', [path])
    remove()
    for (const { status, stderr } of outcomes) {
      expect(status).toBe(1)
      expect(stderr).toMatch(/^optrade: cannot write to DATA_DIR .*: the disk is read-only\nGive this user/)
    }
  })
})
