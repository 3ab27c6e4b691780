"""Reading training curves: losses at many steps of a run, with the learning rate of each step."""
