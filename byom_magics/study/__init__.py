"""How good models are: votes on their answers, and the ranking that follows from them."""
