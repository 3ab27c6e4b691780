"""From planned runs to configurations that frameworks read, and back from the finished runs."""
