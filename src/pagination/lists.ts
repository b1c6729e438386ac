/** What is loaded when a list is walked. */
export { walkPrepared } from './by-hand.ts'
export { walk } from './walk.ts'
