/**
 * A document whose every name and text tries to get out of where it is put: comments, literals, template strings,
 * lines, folders. What it would run sets `globalThis.escaped`.
 */
const RUN = 'globalThis.escaped = true'

/** Texts that end a comment, a literal, a line or a template, and go on with code. */
const TEXTS: readonly string[] = [
  `*/ ${RUN} /*`,
  `**/ ${RUN} /**`,
  `'; ${RUN}; '`,
  `"; ${RUN}; "`,
  `\`; ${RUN}; \``,
  `\${${RUN}}`,
  `\\'; ${RUN}; //`,
  `\\`,
  `\n${RUN}\n`,
  `\r${RUN}\r`,
  `\u2028${RUN}\u2029`,
  `}\n${RUN}\nexport interface Escaped {`,
  `// @ts-ignore`,
  `@ts-ignore`,
  `{@link x} @deprecated`,
  `</script><script>${RUN}</script>`,
  `../../escaped`,
  `..\\..\\escaped`,
  `\u0000\u0007\u001b[31m`,
  `\u202e${RUN}`,
  `*`,
  `/`,
  ``,
]
/** And names that mean something to the language. */
const WORDS: readonly string[] = [
  ...'any class constructor default enum export function import interface Map Date Object Function Promise'.split(
    ' ',
  ),
  ...'Symbol Record Array __proto__ prototype toString hasOwnProperty then call apply bind prepare download'.split(
    ' ',
  ),
  ...'$id $as ApiMethod ListMethod StandardParameters string number void never undefined null 1st a-b a_b'.split(
    ' ',
  ),
]
const NAMES: readonly string[] = [...TEXTS, ...WORDS]

const all = <Value>(make: (name: string, i: number) => Value): Record<string, Value> =>
  Object.fromEntries(NAMES.map((name, i) => [name, make(name, i)]))

const text = (i: number): string => TEXTS[i % TEXTS.length]!

const parameter = (name: string, i: number): object => ({
  type: i % 7 === 6 ? text(i) : 'string',
  format: i % 3 === 0 ? text(i) : undefined,
  description: text(i + 1),
  default: i % 4 === 0 ? name : undefined,
  minimum: i % 5 === 0 ? name : undefined,
  enum: i % 2 === 0 ? NAMES : undefined,
  enumDescriptions: TEXTS,
  pattern: text(i + 2),
  location: 'query',
  repeated: i % 6 === 0,
  deprecated: i % 8 === 0,
})

const property = (name: string, i: number): object =>
  [
    { $ref: name, description: text(i) },
    { type: 'array', items: { $ref: name }, description: text(i) },
    { type: 'object', additionalProperties: { $ref: name } },
    { type: 'object', properties: { [name]: { type: 'string' }, [text(i)]: { description: text(i) } } },
    { type: 'string', enum: NAMES, enumDescriptions: TEXTS, readOnly: true },
    { type: 'string', format: text(i), default: name, annotations: { required: [text(i), 7] } },
    { $ref: `no such schema ${name}` },
    { type: name, description: 7, enum: 'none', items: null },
  ][i % 8]!

const schema = (name: string, i: number): object =>
  [
    {
      id: name,
      type: 'object',
      description: text(i),
      properties: i < 20 ? all(property) : { [name]: property(name, i) },
    },
    { $ref: name },
    { type: 'array', items: { $ref: name } },
    { type: 'object', properties: {} },
    { type: 'object', additionalProperties: { $ref: name }, description: text(i) },
    { type: 'object', properties: { itself: { $ref: name, readOnly: true }, also: { $ref: name } } },
  ][i % 6]!

const method = (name: string, i: number): object => ({
  id: name,
  path: `v1/${name}`,
  httpMethod: ['GET', 'POST', 'PATCH', 'PUT', text(i)][i % 5],
  description: text(i),
  parameters: { [name]: parameter(name, i), [text(i + 3)]: parameter(text(i), i + 1) },
  scopes: TEXTS,
  request: i % 2 === 0 ? { $ref: name } : { type: 'object', properties: { [name]: property(name, i) } },
  response: i % 3 === 0 ? { $ref: name } : undefined,
  supportsMediaDownload: i % 4 === 0,
  mediaUpload: i % 5 === 0 ? { protocols: { simple: { path: name } } } : undefined,
  deprecated: i % 6 === 0,
})

export const hostileDocument: object = {
  kind: 'discovery#restDescription',
  id: `*/ ${RUN} /*`,
  name: `../../escaped'; ${RUN}; //`,
  version: `v1*/\n${RUN}`,
  revision: `\n${RUN}\n`,
  title: `*/ ${RUN} /*`,
  description: `*/\n${RUN}\n/*`,
  documentationLink: `https://example.com/'; ${RUN}; '`,
  rootUrl: `https://example.googleapis.com/'; ${RUN}; '`,
  servicePath: `\\'; ${RUN}; '`,
  batchPath: `'; ${RUN}; '`,
  features: ['dataWrapper', `'; ${RUN}; '`],
  parameters: all(parameter),
  schemas: all(schema),
  methods: all(method),
  resources: all((name, i) => ({
    deprecated: i % 2 === 0,
    methods: { [name]: method(name, i) },
    resources: { [name]: { methods: { [text(i)]: method(name, i + 1) } } },
  })),
}

/** The same with a name and a version as documents have them, which registers itself. */
export const registeringDocument: object = {
  ...hostileDocument,
  name: 'hostile',
  version: 'v1',
  features: [],
}
