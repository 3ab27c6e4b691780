"""The rows and targets that a forecast is made from, with their kernel and their dependence."""
