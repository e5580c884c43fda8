"""What resolvers find at run time: context, dataloaders, lookahead."""
