/** What is loaded with the first transfer: one file, since each costs a start. */
export { gunzip } from './gunzip.ts'
export { nativeCrc32c } from './native-crc32c.ts'
