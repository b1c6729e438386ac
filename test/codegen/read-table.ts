import { stripTypes } from './strip-types.ts'

/** The value that a generated file exports, as a program gets it that imports the file. */
export function readTable(text: string): object {
  const source = stripTypes(text).replace(/^export default (\w+);?$/m, 'return $1')
  // oxlint-disable-next-line typescript/no-implied-eval, no-new-func -- what it is made to do
  return (new Function(source) as () => object)()
}
