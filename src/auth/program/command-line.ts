/**
 * The words of a command, as no shell sees it: split at spaces, but not within single or double quotes, which are taken off:
 * `"/opt/my tool/run" --name='a b'` has the words `/opt/my tool/run` and `--name=a b`. A quote of one kind may stand within
 * quotes of the other. Everything else is as it stands: backslashes, `$`, `*`, `;` and `~` mean nothing. Undefined when there
 * is no word, the first is empty, or a quote does not end.
 */
export function splitCommand(command: string): readonly [string, ...string[]] | undefined {
  if (!/^(?:[^"']|"[^"]*"|'[^']*')*$/.test(command)) return undefined
  const words = command.match(/(?:[^\s"']|"[^"]*"|'[^']*')+/g) ?? []
  const [file, ...args] = words.map((word) => word.replace(/"([^"]*)"|'([^']*)'/g, (_, a, b) => a ?? b))
  return file ? [file, ...args] : undefined
}
