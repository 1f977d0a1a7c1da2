import { parse } from 'dotenv'
import { describe, expect, it } from 'vitest'
import { calendarFileSchema } from '../contract/calendar-file.ts'
import { SETTING_NAMES, settingFacts } from '../contract/settings.ts'
import { envExample, settingsMarkdown } from './docs.ts'

describe('settingsMarkdown', () => {
  const page = settingsMarkdown()

  it.each(SETTING_NAMES)('has one row for %s, with its default and its sentence', (name) => {
    const rows = page.split('\n').filter((line) => line.startsWith(`| \`${name}\` |`))
    expect(rows).toHaveLength(1)
    expect(rows[0]).toContain(settingFacts(name).doc)
    if (settingFacts(name).default !== null) expect(rows[0]).toContain(`\`${settingFacts(name).default}\``)
    expect(rows[0]?.replaceAll('\\|', '').split('|')).toHaveLength(6)
  })

  it('shows a calendar file that is accepted', () => {
    const [, json] = /```json\n([\s\S]*?)```/.exec(page) ?? []
    expect(calendarFileSchema.safeParse(JSON.parse(json ?? '')).success).toBe(true)
  })
})

describe('envExample', () => {
  it('changes nothing as it is', () => {
    expect(parse(envExample())).toEqual({})
  })

  it('gives every setting with its default once the marks are taken away', () => {
    const uncommented = envExample().replaceAll(/^# ([A-Z0-9_]+=)/gm, '$1')
    const expected = SETTING_NAMES.map((name) => [name, settingFacts(name).default ?? ''])
    expect(parse(uncommented)).toEqual(Object.fromEntries(expected))
  })
})
