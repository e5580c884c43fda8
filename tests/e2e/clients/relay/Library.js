// A screen as Relay has it: a paginated fragment that can be fetched again, a mutation, a subscription.
import { graphql } from "relay-runtime";

export const screen = graphql`
  query LibraryQuery($id: ID!) {
    organization(id: $id) {
      ...Library_tracks
    }
  }
`;

export const tracks = graphql`
  fragment Library_tracks on Organization
  @argumentDefinitions(first: { type: "Int", defaultValue: 20 }, after: { type: "String" })
  @refetchable(queryName: "LibraryPageQuery") {
    library(first: $first, after: $after) @connection(key: "Library_library") {
      edges {
        node {
          track {
            ...Library_track
          }
        }
      }
    }
  }
`;

export const track = graphql`
  fragment Library_track on Track @refetchable(queryName: "LibraryTrackQuery") {
    title
    playbackUrl
    cover {
      svgUrl
    }
  }
`;

export const create = graphql`
  mutation LibraryCreateMutation($input: CreateGenerationInput!) {
    createGeneration(input: $input) {
      __typename
      ... on CreateGenerationPayload {
        generation {
          id
          status
        }
      }
      ... on Error {
        code
        message
      }
    }
  }
`;

export const watch = graphql`
  subscription LibraryWatchSubscription($id: ID!) {
    generationUpdated(id: $id) {
      status
      progress
      track {
        ...Library_track
      }
    }
  }
`;
