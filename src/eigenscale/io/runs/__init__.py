"""Tables and logs of training runs, read once into `Runs`: columns recognised, units applied."""
