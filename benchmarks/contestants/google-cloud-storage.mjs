/** @google-cloud/storage, Google's own, with its validation. It asks for no token where the endpoint is not Google's. */
import { CRC32C, Storage } from '@google-cloud/storage'
import { checksums } from './repeat.mjs'

const connect = ({ base }) => new Storage({ apiEndpoint: base, projectId: 'p' }).bucket('photos')

export async function uploadMedia(options) {
  const bucket = connect(options)
  return () => bucket.upload(options.file, { destination: 'file.bin', resumable: true, validation: 'crc32c' })
}

export async function download(options) {
  const bucket = connect(options)
  return () => bucket.file('file.bin').download({ destination: options.destination, validation: 'crc32c' })
}

export async function checksum({ bytes }) {
  const crc = new CRC32C()
  return checksums((piece) => crc.update(piece), bytes)
}
