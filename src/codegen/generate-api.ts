import type { RestMethod, RestResource } from '../discovery/document.ts'
import { chooseMethods } from './choose-methods.ts'
import { cleanDocument } from './clean-document.ts'
import { emitResource } from './emit-resource.ts'
import { emitSchema } from './emit-schema.ts'
import { emitStandardParameters } from './emit-parameters.ts'
import { emitTable } from './emit-table.ts'
import { apiTypeName, createFileContext, type FileContext } from './file-context.ts'
import { memberName } from './names.ts'
import { repeatedTypes } from './repeated-types.ts'
import { schemasInUse } from './schema-use.ts'

/** How a file is made. */
export interface GenerateOptions {
  /** The methods that it has, by patterns such as `files.*`. Default: all. */
  readonly only?: readonly string[] | undefined
  /** Whether it registers the API, so that `discover` is typed. Default false. */
  readonly augment?: boolean | undefined
}

/** A file for an API. */
export interface GeneratedApi {
  /** `drive:v3`. */
  readonly id: string
  readonly revision: string | undefined
  /** `drive.v3.ts`: letters, digits, dots, dashes and underscores, whatever the document is called. */
  readonly fileName: string
  readonly text: string
  /** What the file calls the value that it exports: `driveV3`. */
  readonly valueName: string
  readonly methods: number
  /** The patterns of `only` that fit something. */
  readonly fitting: readonly string[]
}

/**
 * Writes the file for an API: the table of its methods and its declarations. The document may say what it will.
 * @throws {ParseError} when it is no discovery document.
 */
export function generateApi(
  given: unknown,
  { only = ['*'], augment = false }: GenerateOptions = {},
): GeneratedApi {
  const { document, fitting } = chooseMethods(cleanDocument(given), only)
  const { name, version, revision } = document
  const methods = methodsOf(document)
  const requests = methods.flatMap(({ request }) => request ?? [])
  const answers = methods.flatMap(({ response }) => response ?? [])
  const schemas = schemasInUse(document.schemas ?? {}, requests, answers)
  const described = [
    ...[...schemas].map(([schema, use]) => [schema, use.schema] as const),
    ...[document, ...methods].flatMap(({ parameters }) => Object.entries(parameters ?? {})),
  ]
  const file = createFileContext(document, schemas, repeatedTypes(described))
  return {
    id: `${name}:${version}`,
    revision,
    fileName: `${slug(name, /[^\w.-]/g)}.${slug(version, /[^\w.-]/g)}.ts`,
    ...emitFile(file, augment),
    methods: methods.length,
    fitting,
  }
}

/**
 * What begins each file: `discokit` knows by it which are its own. The line after it keeps compilers from
 * checking anew what was checked here, which would cost a program more than the types themselves; see decisions/0018.
 */
export const FILE_MARK = '// Written by discokit'

function emitFile(file: FileContext, augment: boolean): Pick<GeneratedApi, 'text' | 'valueName'> {
  const { document } = file
  const { name, version, revision } = document
  const api = file.take(apiTypeName(document))
  const standard = document.parameters ? file.take('StandardParameters') : undefined
  const resources = emitResource(document, [], api, { file, standard })
  const parameters = standard === undefined ? '' : emitStandardParameters(standard, file)
  const schemas = [...file.schemas].map(([schema, use]) => emitSchema(schema, use, file)).join('')
  const valueName = file.take(api.replace(/^[A-Z]+/, (capitals) => capitals.toLowerCase()))
  const definition = `const ${valueName}: ${file.use('ApiDefinition')}<${api}> = ${emitTable(document)}\n\n`
  const from = slug(
    `${name}:${version}${revision === undefined ? '' : `, revision ${revision}`}`,
    /[^\w.:, -]/g,
  )
  const id = `${name}:${version}`
  const text =
    `${FILE_MARK} add, for ${from}. Do not edit.\n// @ts-nocheck\n/* eslint-disable */\n` +
    `${file.importLine()}\n${resources.text}${parameters}${schemas}${file.repeated()}` +
    (augment
      ? `declare module 'discokit' {\n  interface Apis {\n    ${memberName(id)}: ${api}\n  }\n}\n\n`
      : '') +
    `${definition}export default ${valueName}\n`
  return { text, valueName }
}

function methodsOf(node: RestResource): RestMethod[] {
  return [...Object.values(node.methods ?? {}), ...Object.values(node.resources ?? {}).flatMap(methodsOf)]
}

/** A part of a file's name or of a comment on one line. */
function slug(text: string, unwanted: RegExp): string {
  return text.replace(unwanted, '_').replace(/\.\.+|^\./g, '_')
}
