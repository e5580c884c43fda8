"""Generated from the schema: models, inputs and enums."""
