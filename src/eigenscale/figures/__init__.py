"""Figures as plain specs, drawn by matplotlib for papers and by plotly for pages."""
