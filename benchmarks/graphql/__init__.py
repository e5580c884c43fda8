"""What answering a GraphQL document costs, by the stock executor and by plans."""
