"""The real servers are one package, so that each is started once for its tests, and stopped after them."""
