import ts from 'typescript-5'

/** An entry of the package, and the declarations that it leads to. */
export interface Entry {
  readonly name: string
  readonly file: string
}

/**
 * Writes out what entries export, as Markdown: each export once, sorted by name, its whole signature without the doc
 * comments; at the end what the signatures name without exporting it, for that is part of them.
 */
export function apiSurface(entries: readonly Entry[]): { text: string; declarations: number } {
  const program = ts.createProgram(
    entries.map(({ file }) => file),
    {
      target: ts.ScriptTarget.ES2022,
      module: ts.ModuleKind.NodeNext,
      lib: ['lib.es2023.d.ts', 'lib.esnext.disposable.d.ts', 'lib.dom.d.ts', 'lib.dom.iterable.d.ts'],
      types: ['node'],
      noEmit: true,
    },
  )
  const checker = program.getTypeChecker()
  const printer = ts.createPrinter({ removeComments: true })
  /** Where a symbol is written out. */
  const written = new Map<ts.Symbol, string>()
  /** What the symbols written out refer to, and by which name. */
  const mentioned = new Map<ts.Symbol, string>()

  const text = [
    '# API',
    'Every export and its signature, written by `npm run api` from the built declarations. Do not edit it by hand.',
    ...entries.map((entry) => `## ${entry.name}\n\n${block(exportsOf(entry))}`),
    '## Behind them',
    'Named in the signatures above, and exported by no entry.',
    block(behind()),
    '',
  ].join('\n\n')
  return { text, declarations: written.size }

  function exportsOf({ name: entry, file }: Entry): string[] {
    const module = checker.getSymbolAtLocation(program.getSourceFile(file)!)!
    const symbols = checker.getExportsOfModule(module).sort((a, b) => (a.name < b.name ? -1 : 1))
    return symbols.map(({ name }, i) => {
      const symbol = original(symbols[i]!)
      const elsewhere = written.get(symbol)
      return elsewhere === undefined ? writeOut(symbol, name, entry) : `// ${name}: as in ${elsewhere}`
    })
  }

  function behind(): string[] {
    const items: [string, string][] = []
    // Writing one out may mention more, which this loop then meets.
    for (const [symbol, name] of mentioned) {
      if (!written.has(symbol)) items.push([name, writeOut(symbol, name, 'none')])
    }
    return items.sort(([a], [b]) => (a < b ? -1 : 1)).map(([, item]) => item)
  }

  function writeOut(symbol: ts.Symbol, name: string, entry: string): string {
    written.set(symbol, entry)
    const declarations = (symbol.declarations ?? []).map((node) => {
      noteMentions(node)
      const whole = ts.isVariableDeclaration(node) ? node.parent.parent : node
      const plain = ts.transform(whole, [simplify]).transformed[0]!
      return printer.printNode(ts.EmitHint.Unspecified, plain, node.getSourceFile())
    })
    return [...(symbol.name === name ? [] : [`// named ${name} above`]), ...declarations].join('\n')
  }

  function noteMentions(node: ts.Node): void {
    const named = ts.isIdentifier(node) && checker.getSymbolAtLocation(node)
    const symbol = named && original(named)
    if (symbol && isOurs(symbol) && !mentioned.has(symbol)) mentioned.set(symbol, node.getText())
    ts.forEachChild(node, noteMentions)
  }

  function original(symbol: ts.Symbol): ts.Symbol {
    return symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol
  }
}

/** Whether a symbol is declared at the top of one of our modules. */
function isOurs({ declarations: [node] = [] }: ts.Symbol): boolean {
  if (!node || node.getSourceFile().fileName.includes('node_modules')) return false
  const whole = ts.isVariableDeclaration(node) ? node.parent.parent : node
  return !!whole.parent && ts.isSourceFile(whole.parent)
}

/** Takes away what tells a reader nothing: modifiers that all have, private members, the paths of modules. */
function simplify(context: ts.TransformationContext): (root: ts.Node) => ts.Node {
  const visit = (node: ts.Node): ts.Node | undefined => {
    if (node.kind === ts.SyntaxKind.ExportKeyword || node.kind === ts.SyntaxKind.DeclareKeyword)
      return undefined
    if (ts.isClassElement(node) && isPrivate(node)) return undefined
    const simpler = ts.visitEachChild(node, visit, context)
    return ts.isImportTypeNode(simpler) && simpler.qualifier
      ? ts.factory.createTypeReferenceNode(simpler.qualifier, simpler.typeArguments)
      : simpler
  }
  return (root) => ts.visitEachChild(root, visit, context)
}

function isPrivate(member: ts.ClassElement): boolean {
  const modifiers = ts.getCombinedModifierFlags(member)
  return (
    (modifiers & ts.ModifierFlags.Private) !== 0 || (!!member.name && ts.isPrivateIdentifier(member.name))
  )
}

function block(items: readonly string[]): string {
  return `\`\`\`ts\n${items.join('\n\n')}\n\`\`\``
}
