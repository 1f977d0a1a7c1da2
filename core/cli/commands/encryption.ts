import { Command } from 'commander'
import { prepareDataDir } from '../../config/data-dir.ts'
import { settingsFileOf } from '../../config/load.ts'
import { writeSettingsFile } from '../../config/settings-file.ts'
import { createEncryption, decryptFile, type Encryption } from '../../runtime/encryption.ts'
import { askNewPassphrase, askPassphrase } from '../ask-passphrase.ts'
import { settingsFor } from '../settings-flags.ts'

/** `optrade encryption status|enable|recover|passphrase|decrypt`: on the files themselves, also while the monitor runs. */
export function encryptionCommand(): Command {
  const root = new Command('encryption').description(
    'encryption of finished files: its key and its recovery passphrase',
  )
  root
    .command('status')
    .description('whether finished files are encrypted, and where the key is')
    .option('--json', 'as JSON')
    .action((options: { json?: boolean }, command: Command) => {
      const { encryption, settings } = chosen(command)
      const status = statusOf(encryption, settings.ENABLE_DATA_ENCRYPTION_AT_REST)
      process.stdout.write(options.json ? `${JSON.stringify(status)}\n` : linesOf(status))
    })
  root
    .command('enable')
    .description('makes the key and its recovery file, and turns encryption on; asks for a recovery passphrase')
    .action((_options: unknown, command: Command) => enable(command))
  root
    .command('recover')
    .description('brings a lost key back from the recovery file; asks for the recovery passphrase')
    .action(async (_options: unknown, command: Command) => {
      const { keyring } = chosen(command).encryption
      await keyring.recover(await askPassphrase('Recovery passphrase: '))
      const found = keyring.find()
      if (found.key !== null) process.stdout.write(`key ${found.key.id} is there again, ${found.place}\n`)
    })
  root
    .command('passphrase')
    .description('sets another recovery passphrase; the old one then opens old copies of the recovery file only')
    .action(async (_options: unknown, command: Command) => {
      const { keyring, recoveryFile } = chosen(command).encryption
      await keyring.changePassphrase(await askNewPassphrase())
      process.stdout.write(`${recoveryFile} opens with the new passphrase\n`)
    })
  root
    .command('decrypt')
    .description('writes what is in an encrypted file of DATA_DIR, compressed as it was')
    .argument('<file>', 'the file, as …csv.gz.enc')
    .requiredOption('--out <file>', 'where to')
    .action(async (file: string, { out }: { out: string }, command: Command) => {
      await decryptFile(chosen(command).encryption, file, out)
      process.stdout.write(`written to ${out}, not encrypted\n`)
    })
  return root
}

function chosen(command: Command) {
  const loaded = settingsFor(command)
  return { ...loaded, encryption: createEncryption(loaded.settings) }
}

async function enable(command: Command): Promise<void> {
  const { settings, origin, encryption } = chosen(command)
  const { keyring, recoveryFile } = encryption
  const isNew = keyring.state().kind !== 'ready'
  prepareDataDir(settings.DATA_DIR)
  if (isNew) await keyring.setUp(await askNewPassphrase())
  const name = 'ENABLE_DATA_ENCRYPTION_AT_REST'
  const isOn = settings[name]
  const isFixed = !isOn && ['dotenv', 'environment', 'flag'].includes(origin[name])
  if (!isOn && !isFixed) await writeSettingsFile(settingsFileOf(settings.DATA_DIR), { [name]: 'true' })
  const found = keyring.find()
  const lines = [
    found.key === null ? found.sentence : `key ${found.key.id} lies ${found.place}`,
    `the recovery passphrase opens ${recoveryFile}: keep a copy of that file, and the passphrase, elsewhere`,
    'whoever loses both the key and the passphrase loses what is encrypted: nobody can bring it back',
  ]
  if (isFixed) lines.push(`${name} is set to false in .env or the environment, which wins: set it to true there`)
  else if (isOn) lines.push('encryption is on; a running monitor finds the key by itself')
  else lines.push('encryption is on from the next start')
  process.stdout.write(`${lines.join('\n')}\n`)
}

function statusOf({ keyring, recoveryFile, keyFile }: Encryption, enabled: boolean) {
  const state = keyring.state()
  const isReady = state.kind === 'ready'
  return {
    enabled,
    state: state.kind,
    key_id: isReady ? state.key.id : null,
    key_place: isReady ? state.place : null,
    key_file: keyFile,
    recovery_file: recoveryFile,
    detail: isReady ? null : state.sentence,
  }
}

function linesOf(status: ReturnType<typeof statusOf>): string {
  const { enabled, state, key_id, key_place, recovery_file, detail } = status
  return [
    `encryption of finished files: ${enabled ? 'on' : 'off'}`,
    `key: ${key_id === null ? `${state.replaceAll('_', ' ')}, ${detail}` : `${key_id}, ${key_place}`}`,
    `recovery file: ${recovery_file}`,
    '',
  ].join('\n')
}
