import { openWebApp, type WebApp } from '../web-app.ts'

/** One for all routes. */
export const app: WebApp = await openWebApp(process.env['SITE'] ?? 'http://127.0.0.1:3000')
