/**
 * Makes a value when it is first asked for, once. Schemas are made so: building them all would be a third of what loading
 * the package costs, and most programs use few of them.
 */
export function lazy<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | undefined;
  return () => {
    made ??= { value: make() };
    return made.value;
  };
}
