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
      ? { [Field in keyof Value]: Value[Field] extends { edges: unknown } | { pageInfo: unknown } | null ? Complete<NonNullable<Value[Field]>> : Complete<Value[Field]> }
      : Value;

// What screens pass to elements, as the queries of the page select it.

type Viewer = NonNullable<Data<"Viewer">["viewer"]>;

type Organization = Viewer["organizations"][number];

type Engine = Organization["engines"][number];

/** A track in a list. */
type ListedTrack = { id: string; title: string | null } & Partial<NonNullable<Api.Entry["track"]>>;

/** A track with its state in the library, if it is there. */
type Entry = Partial<Omit<Api.Entry, "track">> & { track: ListedTrack };

/** An entry of the list of the library. */
type SavedEntry = Omit<Api.Entry, "track"> & { track: ListedTrack };

/** A collection in the list of collections. */
type Card = Data<"Collections">["organization"]["collections"]["edges"][number]["node"];

/** A track as its own screen loads it. */
type FullTrack = NonNullable<Data<"Track">["organization"]["track"]>;

/** A generation that is followed; of one that was made in an earlier visit, only its prompt is known at first. */
type Job = Pick<Api.Job, "id" | "status" | "progress" | "prompt"> & Partial<Api.Job>;

type Connection<Item> = { edges: { node: Item }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null }; totalCount?: number };

/** A child of an element; null, undefined and false leave it out. */
type Child = Node | string | number | boolean | null | undefined | Child[];
