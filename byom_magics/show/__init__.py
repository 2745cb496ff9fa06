"""What a person sees: the renderer, live painting, the final form of a reply, tables."""
