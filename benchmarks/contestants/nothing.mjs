/** A process that does nothing: what the others are more than. */
import './repeat.mjs'

export const start = () => () => {}
