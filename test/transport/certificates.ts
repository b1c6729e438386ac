import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** A certificate that signs itself, and its key, in PEM. Made anew for each run. */
export interface Certificate {
  readonly cert: string
  readonly key: string
}

/** Makes a certificate for a name and every name below it. */
export function makeCertificate(name: string, more: readonly string[] = []): Certificate {
  const folder = mkdtempSync(join(tmpdir(), 'discokit-certificate-'))
  const [cert, key] = [join(folder, 'cert.pem'), join(folder, 'key.pem')]
  const names = [`DNS:${name}`, `DNS:*.${name}`, ...more].join(',')
  try {
    const make = ['req', '-x509', '-newkey', 'rsa:2048', '-nodes', '-days', '1', '-keyout', key, '-out', cert]
    const named = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${names}`]
    execFileSync('openssl', [...make, ...named], { stdio: 'ignore' })
    return { cert: readFileSync(cert, 'utf8'), key: readFileSync(key, 'utf8') }
  } finally {
    rmSync(folder, { recursive: true })
  }
}
