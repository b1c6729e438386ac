import { describe, expect, test } from 'vitest'
import { fileAbove, fileNameProblem } from '../../src/storage/transfer/file-name.ts'

describe('the name of an object as that of a file', () => {
  test.each([
    'a',
    'a/b.txt',
    '.profile',
    'a..b',
    '...',
    'a b',
    'ü/😀',
    'console',
    'com10',
    'x.con',
    'a:b',
    `${'x'.repeat(255)}/y`,
  ])('%j can be one', (name) => expect(fileNameProblem(name)).toBeUndefined())

  test.each([
    ['', 'nothing after'],
    ['/etc/passwd', 'absolute'],
    ['//x', 'absolute'],
    ['a/', 'folders'],
    ['../a', "part '..'"],
    ['a/../../b', "part '..'"],
    ['a/..', "part '..'"],
    ['..', "part '..'"],
    ['./a', "part '.'"],
    ['a/./b', "part '.'"],
    ['a//b', 'empty part'],
    ['a\0b', 'control'],
    ['a\nb', 'control'],
    ['a\x7f', 'control'],
    ['..\\a', 'backslash'],
    ['C:\\a', 'backslash'],
    ['a\ud800', 'half a character'],
    ['CON', 'device'],
    ['a/nul.txt', 'device'],
    ['Aux .x/b', 'device'],
    ['lpt¹', 'device'],
    ['COM1.tar.gz', 'device'],
    [`a/${'x'.repeat(256)}`, '255 bytes'],
    ['ü'.repeat(128), '255 bytes'],
    ['a/.b.discokit.part', 'downloads use'],
    ['.b.discokit.json', 'downloads use'],
    ['.b.discokit.json.new', 'downloads use'],
    ['.b.discokit.lock.01234567-0123-0123-0123-0123456789ab', 'downloads use'],
    ['.b.01234567-0123-0123-0123-0123456789ab.part', 'downloads use'],
  ])('%j cannot', (name, why) => expect(fileNameProblem(name)).toContain(why))
})

test('a name below a file is found, whatever stands between', () => {
  const aboveOf = fileAbove()
  const names = ['a', 'a!', 'a!/x', 'a-b', 'a.txt', 'a/b', 'a/b/c', 'a0', 'b/c', 'b/c/d', 'b0/c']
  const found = names.map((name) => [name, aboveOf(name)]).filter(([, above]) => above !== undefined)
  expect(found).toEqual([
    ['a!/x', 'a!'],
    ['a/b', 'a'],
    ['a/b/c', 'a'],
    ['b/c/d', 'b/c'],
  ])
})
