"""Who can be called: models, their endpoints, references to their keys, and the registry of them."""
