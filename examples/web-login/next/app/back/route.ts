import { app } from '../../web-app.ts'

export async function GET(request: Request): Promise<Response> {
  const { response, user, error } = await app.login.finish(request)
  if (error) console.error(error.message)
  if (user) response.headers.append('set-cookie', app.sessions.begin(user.sub))
  return response
}
