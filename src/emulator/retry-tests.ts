import { ValidationError } from '../errors.ts'
import type { HttpResponse } from '../protocol/http.ts'
import { jsonAnswer, textAnswer } from './answers.ts'
import { ApiFailure, invalid, notFound, notModelled } from './api-failure.ts'
import { createFaults, type Faults, type PendingFault } from './faults.ts'
import type { RequestBody } from './request-body.ts'
import { isJsonObject, readJsonObject } from './service.ts'

/** Faults by number, as Google's storage test bench has them: for the calls alone that name the number in a header. */
export interface RetryTests {
  /** Answers `POST /retry_test`, `GET /retry_tests`, `GET` and `DELETE /retry_test/ID`. */
  answer(httpMethod: string, path: string, body: RequestBody): Promise<HttpResponse>
  /**
   * The fault that a call with `x-retry-test-id` is to meet.
   * @throws {ApiFailure} 404 when there is no such test.
   */
  next(id: string, methodId: string): PendingFault | undefined
  clear(): void
}

/** Whether a path is one of the tests'. */
export function isRetryTestPath(path: string): boolean {
  return /^\/retry_test(?:s|\/[^/]+)?$/.test(path)
}

/** @param knows whether a method id belongs to something that is served */
export function createRetryTests(knows: (methodId: string) => boolean): RetryTests {
  const tests = new Map<string, RetryTest>()
  const find = (id: string): RetryTest => {
    const test = tests.get(id)
    if (!test) throw notFound(`Retry Test ${id} does not exist.`)
    return test
  }
  return {
    answer: async (httpMethod, path, body) => {
      const id = /^\/retry_test\/(.+)$/.exec(path)?.[1]
      if (httpMethod === 'POST' && path === '/retry_test') {
        const test = createTest(await readInstructions(body), knows)
        tests.set(test.id, test)
        return jsonAnswer(shown(test))
      }
      if (httpMethod === 'GET' && path === '/retry_tests') {
        return jsonAnswer({ retry_test: [...tests.values()].map(shown) })
      }
      if (httpMethod === 'GET' && id !== undefined) return jsonAnswer(shown(find(id)))
      if (httpMethod !== 'DELETE' || id === undefined)
        throw notFound(`Nothing here answers ${httpMethod} ${path}`)
      tests.delete(find(id).id)
      return textAnswer(`Deleted ${id}`, 200, { 'content-type': 'text/plain' })
    },
    next: (id, methodId) => find(id).faults.next(methodId),
    clear: () => tests.clear(),
  }
}

interface RetryTest {
  readonly id: string
  readonly faults: Faults
  /** The names as they were given, with the ids that they mean. */
  readonly methods: readonly (readonly [name: string, methodId: string])[]
}

function createTest(
  instructions: Readonly<Record<string, readonly string[]>>,
  knows: (id: string) => boolean,
): RetryTest {
  const faults = createFaults(knows)
  const methods = Object.keys(instructions).map((name) => [name, methodIdOf(name)] as const)
  try {
    for (const [name, methodId] of methods) faults.add(methodId, instructions[name]!)
  } catch (error) {
    if (error instanceof ValidationError)
      throw invalid(error.problems.map(({ message }) => message).join('; '))
    throw error
  }
  return { id: crypto.randomUUID().replaceAll('-', ''), faults, methods }
}

/** What is left of a test. */
function shown({ id, faults, methods }: RetryTest): object {
  const left = faults.unmet()
  const instructions = Object.fromEntries(methods.map(([name, methodId]) => [name, left[methodId] ?? []]))
  return { id, instructions, transport: 'HTTP', completed: Object.keys(left).length === 0 }
}

async function readInstructions(body: RequestBody): Promise<Readonly<Record<string, readonly string[]>>> {
  const { instructions, transport = 'HTTP' } = await readJsonObject(body)
  if (transport !== 'HTTP') throw notModelled(`retry tests of the transport ${JSON.stringify(transport)}`)
  if (!isJsonObject(instructions)) throw new ApiFailure(400, 'required', 'instructions is not defined')
  const lists = Object.values(instructions)
  if (!lists.every((list) => Array.isArray(list) && list.every((each) => typeof each === 'string'))) {
    throw invalid('instructions must have a list of texts for each method.')
  }
  // Checked above.
  return instructions as Readonly<Record<string, readonly string[]>>
}

/** The test bench has names of its own for some methods. */
function methodIdOf(name: string): string {
  const [, resource = '', rest = ''] = /^storage\.([^.]+)(\..+)$/.exec(name) ?? []
  const meant = Object.hasOwn(RESOURCES, resource) ? RESOURCES[resource] : undefined
  return meant === undefined ? name : `storage.${meant}${rest}`
}

const RESOURCES: Readonly<Record<string, string>> = {
  bucket_acl: 'bucketAccessControls',
  default_object_acl: 'defaultObjectAccessControls',
  object_acl: 'objectAccessControls',
  hmacKey: 'projects.hmacKeys',
  serviceaccount: 'projects.serviceAccount',
}
