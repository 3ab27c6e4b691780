"""Checks that people ask for beside a law: no form, other countings, repeats, tasks downstream."""
