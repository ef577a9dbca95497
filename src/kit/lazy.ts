/**
 * Makes a value once, on first use. Schemas are made so: they would take a third of the time that loading the package
 * takes, and most programs use few of them.
 */
export function lazy<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
