import { platform } from '#platform'

/** The folder of gcloud's configuration; undefined where there is no home folder. */
export function gcloudFolder(): string | undefined {
  const { environment } = platform
  const home = environment('HOME')
  const appData = environment('APPDATA')
  return (
    environment('CLOUDSDK_CONFIG') ??
    (appData === undefined ? home && `${home}/.config/gcloud` : `${appData}/gcloud`)
  )
}

/**
 * The project of gcloud's active configuration, read of its files: `gcloud` itself is not started.
 * `CLOUDSDK_CORE_PROJECT` and `CLOUDSDK_ACTIVE_CONFIG_NAME` count as they do there.
 */
export async function gcloudProject(): Promise<string | undefined> {
  const { environment, readTextFile } = platform
  const folder = gcloudFolder()
  const named = environment('CLOUDSDK_CORE_PROJECT')
  if (named !== undefined || folder === undefined) return named
  const read = (file: string): Promise<string> => readTextFile(`${folder}/${file}`).catch(() => '')
  const active = environment('CLOUDSDK_ACTIVE_CONFIG_NAME') ?? (await read('active_config')).trim()
  if (!/^[a-z][\w-]*$/.test(active || 'default')) return undefined
  const properties = await read(`configurations/config_${active || 'default'}`)
  const core = /^\[core\]$([^[]*)/m.exec(properties)?.[1]
  return /^project *= *([\w:.-]+) *$/m.exec(core ?? '')?.[1]
}
