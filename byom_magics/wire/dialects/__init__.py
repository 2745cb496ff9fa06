"""How servers speak: one pure file a dialect, each a builder of requests and a reader of what comes back."""
