"""Laws of training runs: forms, fitting, uncertainty, backtests, and the choice between laws."""
