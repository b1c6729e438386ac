import { idOf } from '../../ids.ts'

/** One book of the catalogue. */
export interface Book {
  readonly id: string
  readonly title: string
  readonly description: string
  readonly category: string
  readonly author: string
  readonly publisher: string
  readonly publishedDate: string
  readonly pageCount: number
  readonly language: string
}

const PUBLISHER = 'Example Press'
const AUTHOR = 'Editors of Example Press'

/** The books that every emulator has. They were made up for it. */
export const CATALOGUE: readonly Book[] = [
  book(
    'A Field Guide to Clouds',
    'Nature',
    '2011-04-02',
    212,
    'Forty shapes of clouds, and the weather they bring.',
  ),
  book(
    'Notes on Tides',
    'Nature',
    '2014-09-15',
    148,
    'Why the sea comes and goes, told with a bucket and a stick.',
  ),
  book(
    'The Small Garden',
    'Gardening',
    '2016-03-01',
    96,
    'Herbs, beans and flowers for a garden of two steps.',
  ),
  book(
    'Der kleine Garten',
    'Gardening',
    '2017-03-01',
    98,
    'Kräuter, Bohnen und Blumen auf zwei Schritten.',
    'de',
  ),
  book('Bread in Ten Steps', 'Cooking', '2018-10-20', 64, 'Flour, water, salt and patience.'),
  book('A Short History of Paper', 'History', '2008-01-30', 310, 'From rags to the page in front of you.'),
  book('Maps of Imaginary Rivers', 'Art', '2020-06-11', 180, 'Rivers that are on no other map.'),
  book(
    'Counting in Other Bases',
    'Mathematics',
    '2012-12-12',
    128,
    'Sixteen fingers, two fingers, and what follows.',
  ),
]

function book(
  title: string,
  category: string,
  publishedDate: string,
  pageCount: number,
  description: string,
  language = 'en',
): Book {
  const id = idOf(`book ${title}`, 12)
  return {
    id,
    title,
    description,
    category,
    author: AUTHOR,
    publisher: PUBLISHER,
    publishedDate,
    pageCount,
    language,
  }
}
