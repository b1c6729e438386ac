/** @node-rs/crc32, which discokit uses where it is installed. */
import { crc32c } from '@node-rs/crc32'
import { checksums } from './repeat.mjs'

export const checksum = async ({ bytes }) => checksums(crc32c, bytes)
