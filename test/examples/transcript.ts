import type { RecordedExchange } from './recording-server.ts'

/**
 * Exchanges as text that people can read and compare: what differs from run to run (ports, tokens, boundaries, times,
 * generations) is replaced by its name.
 */
export function formatTranscript(exchanges: readonly RecordedExchange[], url: string): string {
  return exchanges.map((exchange) => normalize(formatExchange(exchange), url)).join('\n\n')
}

function formatExchange(exchange: RecordedExchange): string {
  const { method, path, headers, body, status, answerHeaders, answer } = exchange
  return [
    `> ${method} ${path}`,
    ...headers.map(([name, value]) => `> ${name}: ${value}`),
    ...(body.length > 0 ? ['>', ...readable(body, headers).map((line) => `> ${line}`)] : []),
    `< ${status}`,
    ...Object.entries(answerHeaders).map(([name, value]) => `< ${name}: ${value}`),
    ...(answer.length > 0
      ? ['<', ...readable(answer, Object.entries(answerHeaders)).map((line) => `< ${line}`)]
      : []),
  ].join('\n')
}

/** A body line by line; a form with its assertion taken apart, long JSON without what the emulator's documents hold. */
function readable(body: Buffer, headers: readonly (readonly [string, string])[]): string[] {
  const type = headers.find(([name]) => name === 'content-type')?.[1] ?? ''
  if (type.startsWith('application/x-www-form-urlencoded')) {
    return [...new URLSearchParams(body.toString())].flatMap(([name, value]) => [`${name}=${claims(value)}`])
  }
  const text = body.toString('utf8')
  if (text.includes('"discovery#restDescription"')) return ['(the discovery document)']
  if (type.startsWith('application/json')) return JSON.stringify(JSON.parse(text), null, 2).split('\n')
  return text.split(/\r?\n/).map((line) => (/^[\x20-\x7e]*$/.test(line) ? line : '(bytes)'))
}

function claims(assertion: string): string {
  const parts = assertion.split('.')
  if (parts.length !== 3) return assertion
  const [header, payload] = parts.slice(0, 2).map((part) => Buffer.from(part, 'base64url').toString())
  return `${header}.${payload}.SIGNATURE`
}

function normalize(text: string, url: string): string {
  return text
    .replaceAll(url, 'http://EMULATOR')
    .replaceAll(url.replace('http://', ''), 'EMULATOR')
    .replace(/ya29\.[\w-]+/g, 'TOKEN')
    .replace(/discokit-[\w-]{32}/g, 'BOUNDARY')
    .replace(/discokit\/[\d.]+/g, 'discokit/VERSION')
    .replace(/"(iat|exp)":\d+/g, '"$1":SECONDS')
    .replace(/"kid":"[^"]+"/g, '"kid":"KEY_ID"')
    .replace(/\d{4}-\d\d-\d\dT[\d:.]+Z/g, 'TIME')
    .replace(/\b1[67]\d{14}\b/g, 'GENERATION')
    .replace(/("?etag"?: "?)[^"\n]+/g, '$1ETAG')
    .replace(/^([<>] content-length: )\d+$/gm, '$1LENGTH')
    .replace(/^(< last-modified: ).+$/gm, '$1DATE')
    .replace(/"projectNumber": "\d+"/g, '"projectNumber": "NUMBER"')
}
