/** A list of what was done, on which a transfer goes on. `fileManifest(path)` of `discokit/node` makes one. */
export interface TransferManifest {
  /** What was recorded, the oldest first. */
  read(): AsyncIterable<TransferRecord>
  /** Fulfilled when the record survives a crash. */
  append(record: TransferRecord): Promise<void>
  /** The transfer is over. What is appended later counts too. */
  close(): Promise<void>
}

/** What became of one file: plain JSON. */
export interface TransferRecord {
  readonly version: 1
  readonly direction: 'upload' | 'download'
  readonly bucket: string
  readonly object: string
  /** `done`: both ends have the same. */
  readonly outcome: 'done' | 'failed'
  /** Bytes, as stored. */
  readonly size?: number
  readonly generation?: string
  /** In Google's form. */
  readonly crc32c?: string
  /** Of the file: it is not looked into as long as it has this one. */
  readonly fingerprint?: string
  /** The code of the failure. */
  readonly error?: string
}

/** The records of one kind, by the name of the object: the latest, where it is `done`. */
export async function readRecords(
  manifest: TransferManifest | undefined,
  { direction, bucket, prefix = '' }: Pick<TransferRecord, 'direction' | 'bucket'> & { prefix?: string },
): Promise<ReadonlyMap<string, TransferRecord>> {
  const records = new Map<string, TransferRecord>()
  if (!manifest) return records
  for await (const record of manifest.read()) {
    if (record.direction !== direction || record.bucket !== bucket || !record.object.startsWith(prefix))
      continue
    if (record.outcome === 'done') records.set(record.object, record)
    else records.delete(record.object)
  }
  return records
}
