/** The text of a GraphQL operation, which knows the types of its variables and its result. */
type Operation<Name extends keyof Api.Operations> = string & { readonly operation: Name };

type Variables<Name extends keyof Api.Operations> = Api.Operations[Name]["variables"];

/** The result of an operation that was not refused. The organization of the page exists as long as its session. */
type Data<Name extends keyof Api.Operations, Result = Api.Operations[Name]["result"]> = {
  [Field in keyof Result]: Field extends "organization"
    ? Complete<NonNullable<Result[Field]>>
    : Complete<Exclude<Result[Field], { __typename: `${string}Error` }>>;
};

/** A result without errors: lists that can fail alone are there, and nodes have the type that was requested. */
type Complete<Value> = Value extends (infer Item)[]
  ? Complete<Item>[]
  : Value extends Record<string, never>
    ? never
    : Value extends object
      ? { [Field in keyof Value]: Value[Field] extends { edges: unknown } | null ? Complete<NonNullable<Value[Field]>> : Complete<Value[Field]> }
      : Value;
