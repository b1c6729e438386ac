/** A property made when first read, then a plain value. */
export function lazily(target: object, name: PropertyKey, enumerable: boolean, make: () => unknown): void {
  Object.defineProperty(target, name, {
    configurable: true,
    enumerable,
    get() {
      const value = make()
      Object.defineProperty(target, name, { value, enumerable })
      return value
    },
  })
}

/** The same, left out of lists of members. */
export function hide(target: object, name: PropertyKey, make: () => unknown): void {
  lazily(target, name, false, make)
}

/** One line for people, where an object is printed or made text. */
export function describeAs(target: object, describe: () => string): void {
  Object.defineProperty(target, Symbol.for('nodejs.util.inspect.custom'), { value: describe })
  Object.defineProperty(target, Symbol.toPrimitive, { value: describe })
}
