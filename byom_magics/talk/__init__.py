"""What one turn means: the prompt, and the turn from its first event to its reply."""
