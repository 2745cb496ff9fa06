"""What is remembered beyond a session: answers that need not be paid for twice."""
