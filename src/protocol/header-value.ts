/** Whether a text may stand as a header value: visible ASCII, spaces and tabs, and no line ends (RFC 9110 section 5.5). */
export function isHeaderValue(text: string): boolean {
  return /^[\t\x20-\x7e]*$/.test(text)
}

/** Whether a text may be a header name (RFC 9110 section 5.6.2). */
export function isHeaderName(text: string): boolean {
  return /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/.test(text)
}

/** Whether a text is a media type, with or without parameters: `image/png`, `text/plain; charset=utf-8`. */
export function isMediaType(text: string): boolean {
  return MEDIA_TYPE.test(text)
}

/**
 * The value of a parameter of a header such as `multipart/related; boundary="b"`, quotes and escapes resolved.
 * gcloud and gsutil put a boundary that is no token between single quotes; these are taken off as well.
 */
export function headerParameter(header: string | undefined, name: string): string | undefined {
  for (const match of (header ?? '').matchAll(PARAMETER)) {
    if (match[1]!.toLowerCase() === name) return match[4] ?? match[3] ?? match[2]!.replace(/\\(.)/g, '$1')
  }
  return undefined
}

/** A value as a quoted string, for parameters that hold characters a token may not. */
export function quoted(value: string): string {
  return `"${value.replace(/["\\]/g, '\\$&')}"`
}

const TOKEN = "[!#$%&'*+\\-.^_`|~0-9A-Za-z]+"
const QUOTED = '"(?:[\\t \\x21\\x23-\\x5b\\x5d-\\x7e]|\\\\[\\t\\x20-\\x7e])*"'
const MEDIA_TYPE = /* @__PURE__ */ new RegExp(
  `^${TOKEN}/${TOKEN}(?:[ \\t]*;[ \\t]*${TOKEN}=(?:${TOKEN}|${QUOTED}))*$`,
)
const PARAMETER = /* @__PURE__ */ new RegExp(
  `;[ \\t]*(${TOKEN})=(?:"((?:[^"\\\\]|\\\\.)*)"|'([^';=]*=[^';]*)'|(${TOKEN}))`,
  'g',
)
