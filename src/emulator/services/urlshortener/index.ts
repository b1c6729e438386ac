import { defineService, type Service } from '../../service.ts'
import { getUrl, insertUrl, listUrls } from './urls.ts'

/** URL Shortener: short addresses, and those an account has made. */
export const urlshortenerService: Service = defineService(
  'urlshortener:v1',
  {
    'urlshortener.url.get': getUrl,
    'urlshortener.url.insert': insertUrl,
    'urlshortener.url.list': listUrls,
  },
  { apiKey: ['urlshortener.url.get', 'urlshortener.url.insert'] },
)
