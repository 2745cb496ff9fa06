"""The door from IPython: what a person types, read and passed on."""
