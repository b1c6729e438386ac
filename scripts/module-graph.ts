import { readFileSync } from 'node:fs'
import { posix } from 'node:path'
import ts from 'typescript-5'

/** One import or export-from of a module. */
export interface Import {
  /** A module of ours by its name (`auth/index`), or the specifier as it is written. */
  readonly to: string
  /** Whether it is a file of ours, asked for by its path or as `#platform`. */
  readonly ours: boolean
  readonly line: number
  /** Nothing of it is left at run time. */
  readonly typeOnly: boolean
}

/** What a source file takes from elsewhere. */
export interface Module {
  /** The path below src, without `.ts`. */
  readonly name: string
  readonly imports: readonly Import[]
  /** Uses of Node's globals. */
  readonly nodeGlobals: readonly { readonly name: string; readonly line: number }[]
}

/** Reads every module below a folder. The syntax is parsed, so that a comment or a string is never taken for an import. */
export function readModules(folder: string): Map<string, Module> {
  const files = ts.sys.readDirectory(folder, ['.ts']).map((file) => posix.relative(folder, file))
  return new Map(files.sort().map((file) => [withoutEnding(file), readModule(folder, file)]))
}

function readModule(folder: string, file: string): Module {
  const text = readFileSync(posix.join(folder, file), 'utf8')
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.ESNext, true)
  const imports: Import[] = []
  const nodeGlobals: { name: string; line: number }[] = []
  const lineOf = (node: ts.Node): number => source.getLineAndCharacterOfPosition(node.getStart()).line + 1
  const add = (node: ts.Node, specifier: ts.Node, typeOnly: boolean): void => {
    if (!ts.isStringLiteralLike(specifier)) {
      throw new Error(`${file}:${lineOf(node)}: imports something that is known only at run time`)
    }
    const path = posix.join(posix.dirname(file), specifier.text)
    const relative = specifier.text.startsWith('.')
    imports.push({
      to: relative ? withoutEnding(path) : specifier.text,
      ours: relative || specifier.text === '#platform',
      line: lineOf(node),
      typeOnly,
    })
  }
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, isTypeImport(node.importClause))
    if (ts.isExportDeclaration(node) && node.moduleSpecifier)
      add(node, node.moduleSpecifier, isTypeExport(node))
    if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument))
      add(node, node.argument.literal, true)
    if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      add(node, withoutCast(node.arguments[0]!), false)
    }
    if (ts.isIdentifier(node) && (node.text === 'process' || node.text === 'Buffer') && !isMemberName(node)) {
      nodeGlobals.push({ name: node.text, line: lineOf(node) })
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return { name: withoutEnding(file), imports, nodeGlobals }
}

function isTypeImport(clause: ts.ImportClause | undefined): boolean {
  if (!clause) return false // import './x.ts' is there for what it does
  if (clause.isTypeOnly) return true
  const names = clause.namedBindings
  return (
    !clause.name && !!names && ts.isNamedImports(names) && names.elements.every((name) => name.isTypeOnly)
  )
}

function isTypeExport({ isTypeOnly, exportClause: names }: ts.ExportDeclaration): boolean {
  return (
    isTypeOnly || (!!names && ts.isNamedExports(names) && names.elements.every((name) => name.isTypeOnly))
  )
}

function withoutCast(node: ts.Expression): ts.Expression {
  return ts.isAsExpression(node) ? withoutCast(node.expression) : node
}

/** Whether an identifier names a member (`options.process`), not a variable. `globalThis.process` is the variable. */
function isMemberName(node: ts.Identifier): boolean {
  const { parent } = node
  if (ts.isPropertyAccessExpression(parent)) {
    return parent.name === node && parent.expression.getText() !== 'globalThis'
  }
  return 'name' in parent && parent.name === node && !ts.isShorthandPropertyAssignment(parent)
}

function withoutEnding(file: string): string {
  return file.replace(/\.ts$/, '')
}
