"""The answer to "would more data help?", in the metric that the user asks in."""
