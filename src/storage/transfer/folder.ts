import type { MediaDestination } from '../../media/media-destination.ts'
import type { BlobLike, MediaInput, MediaSource } from '../../request/media-input.ts'

/** A tree of files: `folder(path)` of `discokit/node`, or one of a program's own. */
export interface TransferFolder {
  /** All files in it, in the order of their names as UTF-8. */
  files(): AsyncIterable<FolderFile>
  /**
   * Where a file is written, with the folders above it.
   * @param name parts with `/` between them; none of them is empty, `.` or `..`
   * @throws {ValidationError} when there can be no such file here.
   */
  place(name: string): Promise<FolderPlace>
  /** A text that two names share when they are one file here. Left out where names that differ are different files. */
  keyOf?(name: string): string
}

/** A file of a folder, or why it is none. */
export interface FolderFile {
  /** From the folder on, with `/` between its parts. */
  readonly name: string
  readonly media?: MediaSource
  /** Why it is left out. */
  readonly leftOut?: 'link' | 'not a file'
  /** What kept it from being looked at. */
  readonly error?: unknown
}

/** The place of one file. */
export interface FolderPlace extends MediaDestination {
  /** What is there, or undefined. */
  current(): MediaSource | undefined
}

/** A content with the name that it is to have. */
export interface TransferFile {
  readonly name: string
  readonly media: MediaInput
}

/** A `File` of a form. One of a chosen folder has its path in it. */
export interface WebFile extends BlobLike {
  readonly name: string
  readonly webkitRelativePath?: string
}

/** What a download keeps beside its place: neither uploaded, nor downloaded under such a name. */
export const TEMPORARY: RegExp =
  /(^|\/)\.[^/]*\.(discokit\.(part|json|json\.new|lock)(\.[0-9a-f-]{36})?|[0-9a-f-]{36}\.part)$/
