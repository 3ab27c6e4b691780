"""The best size and data for a budget: closed forms, and minimisation where there is none."""
