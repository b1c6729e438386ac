import type { Paging } from '../pagination/paging.ts'
import type { JsonSchema, RestDescription, RestMethod } from './document.ts'

/** What an API object is made of. */
export interface ApiSource {
  /** The document, perhaps without prose and schemas. */
  readonly document: RestDescription
  /** A schema by name, or undefined where there is none at hand, as in a table that has only methods. */
  schemaOf(name: string): JsonSchema | undefined
  /** How a method gives its list in pages, where that is known without schemas. */
  pagingOf?(method: RestMethod): Paging | undefined
  /** Whether parameters and bodies are checked unless a call says otherwise. */
  readonly validate: boolean
}
