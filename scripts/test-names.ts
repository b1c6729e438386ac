import ts from 'typescript-5'

/**
 * The names of the tests that a file has, read from its syntax: of `test(…)`, and of each row of `test.each([…])(…)` and
 * `test.for([…])(…)`, with the texts and numbers of the row in it. Comments, texts, skipped tests and tables without rows give none.
 * What is known only at run time stands there as `…`.
 */
export function testNames(text: string): string[] {
  const source = ts.createSourceFile('a.test.ts', text, ts.ScriptTarget.ESNext, true)
  const names: string[] = []
  const tables = new Map<string, ts.Expression>()
  const visit = (node: ts.Node): void => {
    if (ts.isVariableDeclaration(node) && ts.isIdentifier(node.name) && node.initializer)
      tables.set(node.name.text, node.initializer)
    if (ts.isCallExpression(node)) {
      if (isSkipped(node.expression)) return // and so is what stands in it
      const name = node.arguments[0] && textOf(node.arguments[0])
      if (isTest(node.expression)) names.push(name ?? '…')
      else if (ts.isCallExpression(node.expression) && isTable(node.expression))
        names.push(...rowsOf(node.expression, tables).map((row) => filled(name ?? '…', row)))
    }
    ts.forEachChild(node, visit)
  }
  visit(source)
  return names
}

function isTest(callee: ts.Expression): boolean {
  return ts.isIdentifier(callee) && callee.text === 'test'
}

/** `test.each([…])` or `test.for([…])`. */
function isTable({ expression: callee }: ts.CallExpression): boolean {
  return (
    ts.isPropertyAccessExpression(callee) &&
    isTest(callee.expression) &&
    /^(each|for)$/.test(callee.name.text)
  )
}

/** `test.skip`, `describe.skipIf(…)`, `describe.skip.each(…)`, `test.todo`, … */
function isSkipped(callee: ts.Expression): boolean {
  if (ts.isCallExpression(callee)) return isSkipped(callee.expression)
  if (!ts.isPropertyAccessExpression(callee)) return false
  const { expression, name } = callee
  if (isSkipped(expression)) return true
  return (
    ts.isIdentifier(expression) &&
    /^(test|describe)$/.test(expression.text) &&
    /^(skip|todo|runIf)/.test(name.text)
  )
}

/** What stands in each row of a table, be it named: its texts and numbers, with `…` for what is neither. */
function rowsOf(
  { arguments: [given] }: ts.CallExpression,
  tables: ReadonlyMap<string, ts.Expression>,
): string[][] {
  const table = given && ts.isIdentifier(given) ? tables.get(given.text) : given
  if (!table || !ts.isArrayLiteralExpression(table)) return [[]] // known only at run time
  return table.elements.map((row) =>
    (ts.isArrayLiteralExpression(row) ? [...row.elements] : [row]).map((cell) => textOf(cell) ?? '…'),
  )
}

function textOf(node: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(node) || ts.isNumericLiteral(node)) return node.text
  if (!ts.isTemplateExpression(node)) return undefined
  return [node.head.text, ...node.templateSpans.map(({ literal }) => literal.text)].join('…')
}

/** The name of a row: its cells take the places of `%s`, `%i` and the like, in their order. */
function filled(name: string, row: readonly string[]): string {
  let next = 0
  return name.replaceAll(/%[sdifjo]/g, () => row[next++] ?? '…')
}
