"""Learning curves of any learner, from losses measured outside this package."""
