import ts from 'typescript';

/** One import, export-from, `import()` or `require()` of a file. */
export interface Import {
  /** What is imported; undefined when the code computes it. */
  readonly specifier: string | undefined;
  /** The names that are taken, or 'all' when the whole module is. */
  readonly names: readonly string[] | 'all';
  /** Line in the file, from 1. */
  readonly line: number;
}

/** Every import of a source text, type imports included. */
export function readImports(path: string, text: string): readonly Import[] {
  const file = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const found: Import[] = [];
  const add = (node: ts.Node, specifier: ts.Node | undefined, names: Import['names']): void => {
    const line = file.getLineAndCharacterOfPosition(node.getStart(file)).line + 1;
    found.push({ specifier: specifier !== undefined && ts.isStringLiteralLike(specifier) ? specifier.text : undefined, names, line });
  };
  const visit = (node: ts.Node): void => {
    if (ts.isImportDeclaration(node)) add(node, node.moduleSpecifier, importedNames(node.importClause));
    else if (ts.isExportDeclaration(node) && node.moduleSpecifier) add(node, node.moduleSpecifier, exportedNames(node.exportClause));
    else if (ts.isExternalModuleReference(node)) add(node, node.expression, 'all');
    else if (ts.isImportTypeNode(node)) add(node, ts.isLiteralTypeNode(node.argument) ? node.argument.literal : undefined, typeNames(node));
    else if (ts.isCallExpression(node) && isLoader(node.expression)) add(node, node.arguments[0], 'all');
    ts.forEachChild(node, visit);
  };
  visit(file);
  return found;
}

/**
 * For each name that a module passes on from another file of its package, that file without its ending:
 * `FerricError` is `errors/ferric-error`.
 */
export function readReexports(path: string, text: string): ReadonlyMap<string, string> {
  const reexports = readImports(path, text).flatMap(({ specifier, names }) => {
    const file = specifier?.startsWith('./') === true ? specifier.slice(2).replace(/\.js$/, '') : undefined;
    return file === undefined || names === 'all' ? [] : names.map((name) => [name, file] as const);
  });
  return new Map(reexports);
}

function importedNames(clause: ts.ImportClause | undefined): Import['names'] {
  if (clause === undefined) return [];
  const bindings = clause.namedBindings;
  if (bindings !== undefined && ts.isNamespaceImport(bindings)) return 'all';
  const named = bindings === undefined ? [] : bindings.elements.map((element) => (element.propertyName ?? element.name).text);
  return clause.name === undefined ? named : ['default', ...named];
}

function exportedNames(clause: ts.NamedExportBindings | undefined): Import['names'] {
  if (clause === undefined || ts.isNamespaceExport(clause)) return 'all';
  return clause.elements.map((element) => (element.propertyName ?? element.name).text);
}

function typeNames(node: ts.ImportTypeNode): Import['names'] {
  if (node.qualifier === undefined) return 'all';
  let first = node.qualifier;
  while (ts.isQualifiedName(first)) first = first.left;
  return [first.text];
}

/** `import(...)`, `require(...)`, `require.resolve(...)`, `process.getBuiltinModule(...)`. */
function isLoader(callee: ts.Expression): boolean {
  if (callee.kind === ts.SyntaxKind.ImportKeyword) return true;
  return ['require', 'require.resolve', 'process.getBuiltinModule'].includes(callee.getText());
}
