import { app } from '../../web-app.ts'

export function GET(request: Request): Promise<Response> {
  return app.login.start(request, { accessType: 'offline' })
}
