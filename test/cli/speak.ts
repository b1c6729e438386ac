import { connect } from 'node:net'

/** Says some lines of HTTP to a port of this machine as they are. @returns the status of the answer; 0 without one */
export function speak(port: number, lines: readonly string[]): Promise<number> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(`${lines.join('\r\n')}\r\n\r\n`))
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => (answer += text))
    socket.on('error', () => {}) // what was said may not have been read to its end
    socket.on('close', () => resolve(Number(/^HTTP\/1\.1 (\d+)/.exec(answer)?.[1] ?? 0)))
  })
}
