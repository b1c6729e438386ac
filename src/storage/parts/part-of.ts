import type { MediaSource } from '../../request/media-input.ts'

/** The bytes of a source from `first` to before `end`, as a source. It must be `seekable`. */
export function partOf(source: MediaSource, first: number, end: number): MediaSource {
  return {
    describe: () => ({ length: end - first, replayable: true, seekable: true }),
    async *open({ offset = 0, reuse = false } = {}) {
      let left = end - first - offset
      if (left === 0) return
      for await (const chunk of source.open({ reuse, offset: first + offset })) {
        const taken = chunk.length > left ? chunk.subarray(0, left) : chunk
        left -= taken.length
        yield taken
        if (left === 0) return
      }
    },
  }
}
