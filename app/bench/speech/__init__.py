"""How well words are understood: phrases nobody tuned on, clean and misheard, beside talk that must not alarm."""
