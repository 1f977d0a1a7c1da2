import {
  SETTING_GROUPS,
  SETTING_NAMES,
  type SettingGroup,
  type SettingName,
  settingFacts,
} from '../contract/settings.ts'

function namesOf(group: string): SettingName[] {
  return SETTING_NAMES.filter((name) => settingFacts(name).group === group)
}

function groups(): [SettingGroup, string][] {
  return Object.entries(SETTING_GROUPS) as [SettingGroup, string][]
}

function row(name: SettingName): string {
  const { default: standard, allowed, doc, secret, restart } = settingFacts(name)
  const notes = [...(secret ? ['Secret.'] : []), ...(restart ? [] : ['Taken up without a restart.'])]
  const cells = [`\`${name}\``, standard === null ? '' : `\`${standard}\``, allowed, [doc, ...notes].join(' ')]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

const INTRODUCTION = `# Configuration

Every setting has one name, whether it stands in a file, in the environment or on the settings page. Later ones win:

1. the defaults below
2. \`DATA_DIR/settings.json\`, one JSON object, setting by name; the settings page writes it. \`DATA_DIR\` itself cannot stand there
3. secrets in the system's keychain, in the desktop application
4. \`.env\` in the working folder
5. the environment
6. flags of the command line

An empty value counts as not given. A wrong value stops the start with one line per fault: the name, the value and what is
allowed. Secrets appear in no log, no error and not in \`optrade config show\`, which shows what is in force and where it
came from. A change waits for the next start unless the table says otherwise.

\`DATA_DIR/calendar.json\` adds to the trading calendar, or corrects it, without a new version. Every part is optional; a
date replaces the same date of the built-in calendar, and \`null\` takes its holiday or special session away:

\`\`\`json
{
  "years": [2027],
  "holidays": { "2027-01-26": "Republic Day", "2026-12-25": null },
  "special_sessions": {
    "2027-02-06": { "note": "Full session on a Saturday", "hours": "regular" },
    "2027-10-29": { "note": "Muhurat trading", "hours": [["18:00", "19:15"]] }
  },
  "sessions": [
    {
      "from": "2027-04-01", "pre_open": ["09:00", "09:15"], "open": "09:15", "trade_end": "15:40",
      "settlement_fix": "15:35", "index_frozen": ["15:15", "15:29"], "cash_auction": ["15:15", "15:35"]
    }
  ]
}
\`\`\`

\`years\` names the years whose holidays are complete; in any other year every weekday counts as a trading day, with a
warning. The dates above are examples. Times are IST.
`

/** docs/configuration.md. */
export function settingsMarkdown(): string {
  const parts = groups().map(([group, title]) =>
    [`## ${title}`, '', '| name | default | allowed | meaning |', '|---|---|---|---|', ...namesOf(group).map(row)].join(
      '\n',
    ),
  )
  return `${[INTRODUCTION, ...parts].join('\n')}\n`.replaceAll('\n## ', '\n\n## ').replaceAll('\n\n\n', '\n\n')
}

/** .env.example: every setting, commented out with its default, so that a copy changes nothing. */
export function envExample(): string {
  const entry = (name: SettingName) => {
    const { default: standard, allowed, doc } = settingFacts(name)
    return `# ${doc}\n# Allowed: ${allowed}.\n# ${name}=${standard ?? ''}\n`
  }
  const parts = groups().map(([group, title]) => [`## ${title}\n`, ...namesOf(group).map(entry)].join('\n'))
  const head = '# Copy to .env and take away the # before what you change. docs/configuration.md explains more.\n'
  return [head, ...parts].join('\n')
}
