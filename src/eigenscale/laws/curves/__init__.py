"""Laws of the training curve: loss at a step, given the learning rate of every step before it."""
