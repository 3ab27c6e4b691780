"""From specs to pictures: matplotlib for papers, plotly for pages, one look for both."""
