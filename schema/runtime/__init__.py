"""Runtime support for resolvers: context, dataloaders, lookahead, subscriptions."""
