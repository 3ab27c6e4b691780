"""From subset fits to other numbers of samples and features, by the theory of ridge regression."""
