/**
 * The shape of a discovery document (discovery v1, protocol `rest`), as far as the client or the emulator uses it.
 * Names are those of the format itself.
 */

/** One API version. */
export interface RestDescription {
  readonly kind?: string
  readonly id?: string
  readonly name: string
  readonly version: string
  readonly revision?: string
  readonly title?: string
  readonly canonicalName?: string
  readonly description?: string
  readonly documentationLink?: string
  readonly protocol?: string
  readonly discoveryVersion?: string
  readonly rootUrl: string
  readonly servicePath: string
  readonly baseUrl?: string
  readonly basePath?: string
  readonly batchPath?: string
  readonly features?: readonly string[]
  readonly parameters?: Readonly<Record<string, RestParameter>>
  readonly auth?: {
    readonly oauth2?: { readonly scopes?: Readonly<Record<string, { readonly description?: string }>> }
  }
  readonly schemas?: Readonly<Record<string, JsonSchema>>
  readonly resources?: Readonly<Record<string, RestResource>>
  readonly methods?: Readonly<Record<string, RestMethod>>
}

/** A named group of methods; resources nest. */
export interface RestResource {
  readonly methods?: Readonly<Record<string, RestMethod>>
  readonly resources?: Readonly<Record<string, RestResource>>
  readonly deprecated?: boolean
}

/** One method. */
export interface RestMethod {
  readonly id: string
  readonly path: string
  readonly flatPath?: string
  readonly httpMethod: string
  readonly description?: string
  readonly deprecated?: boolean
  readonly apiVersion?: string
  readonly parameters?: Readonly<Record<string, RestParameter>>
  readonly parameterOrder?: readonly string[]
  readonly request?: { readonly $ref?: string; readonly parameterName?: string }
  readonly response?: { readonly $ref?: string }
  /** Alternatives: a token with any one of them may call the method. */
  readonly scopes?: readonly string[]
  readonly supportsMediaUpload?: boolean
  readonly mediaUpload?: MediaUpload
  readonly supportsMediaDownload?: boolean
  readonly useMediaDownloadService?: boolean
}

/** How a method takes bytes. Paths are absolute under `rootUrl`. */
export interface MediaUpload {
  readonly accept?: readonly string[]
  readonly maxSize?: string
  readonly protocols?: {
    readonly simple?: { readonly path: string; readonly multipart?: boolean }
    readonly resumable?: { readonly path: string; readonly multipart?: boolean }
  }
}

/** A parameter of the address: location `path` or `query`. */
export interface RestParameter extends JsonSchema {
  readonly location?: 'path' | 'query' | (string & {})
  readonly repeated?: boolean
}

/** The dialect of JSON Schema that discovery documents use. */
export interface JsonSchema {
  readonly id?: string
  readonly type?: string
  readonly format?: string
  readonly description?: string
  readonly $ref?: string
  readonly default?: string
  readonly required?: boolean
  readonly readOnly?: boolean
  readonly deprecated?: boolean
  readonly pattern?: string
  readonly minimum?: string
  readonly maximum?: string
  readonly enum?: readonly string[]
  readonly enumDescriptions?: readonly string[]
  readonly enumDeprecated?: readonly boolean[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly additionalProperties?: JsonSchema
  readonly items?: JsonSchema
  readonly annotations?: { readonly required?: readonly string[] }
}

/** One API of the directory (`discovery#directoryItem`). */
export interface DirectoryItem {
  readonly id: string
  readonly name: string
  readonly version: string
  readonly title?: string
  readonly description?: string
  readonly discoveryRestUrl?: string
  readonly documentationLink?: string
  readonly preferred?: boolean
}

/** The answer of the Discovery Service's list method. */
export interface DirectoryList {
  readonly kind?: string
  readonly discoveryVersion?: string
  readonly items: readonly DirectoryItem[]
}
