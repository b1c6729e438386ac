/** What is loaded with the first download. */
export { receive } from './receive.ts'
export { save } from './save-download.ts'
